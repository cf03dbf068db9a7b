"""Credit first: open credit notes are set off against open invoices before anything is collected.

    credit notes   CN-4  -50.00, CN-9 -100.00        INV-1 takes 50.00 of CN-4 and 30.00 of CN-9,
    invoices       INV-1  80.00, INV-2 200.00        INV-2 takes 70.00 of CN-9 and leaves 130.00

Oldest first on both sides, within one client and currency. Nothing is set off beyond what is
open on either side, so no credit is spent twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tallystick.money import Money


class Open(NamedTuple):
    """What is open of a document: positive of an invoice, negative of a credit note."""

    number: str
    client: str
    amount: Money
    issued_on: date


class SetOff(NamedTuple):
    """`amount`, positive, of `credit` pays that much of `invoice`."""

    credit: str
    invoice: str
    amount: Money


def set_off(documents: Iterable[Open]) -> list[SetOff]:
    """What is set off, client by client; the order of `documents` does not matter."""
    sides: dict[tuple[str, str], tuple[list[Open], list[Open]]] = {}
    for one in sorted(documents, key=lambda one: (one.client, one.issued_on, one.number)):
        owed, owing = sides.setdefault((one.client, one.amount.currency), ([], []))
        if one.amount:
            (owed if one.amount.minor < 0 else owing).append(one)
    return [pair for owed, owing in sides.values() for pair in _pairs(owed, owing)]


def _pairs(owed: Sequence[Open], owing: Sequence[Open]) -> Iterator[SetOff]:
    left = [-one.amount for one in owed]
    at = 0
    for one in owing:
        wanted = one.amount
        while wanted and at < len(owed):
            taken = min(wanted, left[at])
            yield SetOff(owed[at].number, one.number, taken)
            wanted -= taken
            left[at] -= taken
            at += not left[at]
