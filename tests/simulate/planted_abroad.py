"""Bugs planted where money comes in another currency: each is one that somebody once shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from tallystick.cash.settling import booking, differences
from tallystick.money import Money
from tallystick.store.cash.settlements import parts_of

from .planting import Plant, planting

PLANTED: dict[str, Plant] = {}
planted = planting(PLANTED)


@planted
@contextmanager
def charges_taken_for_an_exchange_loss() -> Iterator[None]:
    """What came is counted after the bank's charge, which is an expense of its own already."""
    exchanged = differences.exchanged

    def net(connection: Connection) -> list[Any]:
        found = []
        for one in exchanged(connection):
            parts = parts_of(connection, [one.movement]).get(one.movement, ())
            fee = sum(part.fee_minor for part in parts if part.invoice == one.invoice)
            found.append(one._replace(worth=one.worth - Money(fee, one.worth.currency)))
        return found

    with patch.object(differences, "exchanged", net):
        yield


@planted
@contextmanager
def shares_rounded_each() -> Iterator[None]:
    """Of what a payment brought each invoice has a share, rounded by itself."""

    def rounded(of: Money, whole: Money, amounts: Sequence[Money]) -> list[Money]:
        if not whole:
            return [of, *(Money.zero(of.currency) for _ in amounts[1:])]
        parts = [Fraction(one.minor, whole.minor) for one in amounts]
        return [Money.rounded(Fraction(of.amount) * part, of.currency) for part in parts]

    with patch.object(booking, "shares", rounded):
        yield
