"""Bugs planted where money is spent and settled: each is one that somebody once shipped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, select

from tallystick.cash.policy import set_off
from tallystick.cash.repaying import credit
from tallystick.cash.settling import settle
from tallystick.store.cash import refunds, settlements
from tallystick.store.cash.settlements import Movement

from .planting import Plant, in_every_world, planting

PLANTED: dict[str, Plant] = {}
planted = planting(PLANTED)


@planted
@contextmanager
def credit_spent_twice() -> Iterator[None]:
    """What clients have with us is remembered from the last time it was looked at."""
    look = credit._open
    remembered: list[set_off.Open] = []

    def recall(connection: Connection, spared: Collection[str]) -> list[set_off.Open]:
        before, now = list(remembered), list(look(connection, spared))
        remembered[:] = now
        return before or now

    def forget(_: object) -> None:
        remembered.clear()

    with in_every_world(forget), patch.object(credit, "_open", recall):
        yield


@planted
@contextmanager
def settled_twice() -> Iterator[None]:
    """What is to be settled is handed out a second time, and nobody looks whether it was done."""
    look = settlements.unsettled
    handed_out: list[Movement] = []

    def again(connection: Connection, banks: Collection[str]) -> list[Movement]:
        before, handed_out[:] = list(handed_out), look(connection, banks)
        return [*handed_out, *(one for one in before if one not in handed_out)]

    def whole(connection: Connection, movements: Sequence[Movement]) -> list[Any]:
        rows = connection.execute(select(settlements.bank_transaction))
        found = {Movement(row.connection, row.id): row for row in rows}
        return [found[one] for one in movements]

    def all_new(_: Connection, told: Sequence[Any], __: Any) -> list[Any]:
        return list(told)

    def forget(_: object) -> None:
        handed_out.clear()

    with (
        in_every_world(forget),
        patch.object(settlements, "unsettled", again),
        patch.object(settlements, "still_unsettled", whole),
        patch.object(settle, "_to_match", all_new),
    ):
        yield


@planted
def credit_set_off_while_it_is_paid_out() -> AbstractContextManager[object]:
    """A credit note pays an invoice while its money is on the way back to the client."""
    return patch.object(credit, "refunds", SimpleNamespace(given_back=lambda *_: set()))


@planted
def credit_note_paid_out_twice() -> AbstractContextManager[object]:
    """What is on its way back of a credit note is still open, so it is given back again."""
    return patch.object(refunds, "on_its_way", lambda *_: 0)
