"""Invoices that were settled in another currency than their own, and what is booked of it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from tallystick.books.entries import EXCHANGE
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.books.schema import entry, posting
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.cash.settlements import Movement

SOURCE = "exchange"


class Exchanged(NamedTuple):
    """What one movement settled of one invoice, and what that was `worth` on its account."""

    movement: Movement
    invoice: str
    client: str
    issued_on: date
    booked_on: date
    settled: Money
    worth: Money

    @property
    def source(self) -> str:
        """What the sources of its exchange differences begin with; each ends in its number."""
        return f"{SOURCE}:{self.movement.connection}:{self.movement.id}:{self.invoice}"


def exchanged(connection: Connection) -> list[Exchanged]:
    """All of them, in booking order; those that were undone too, at zero."""
    found = [
        Exchanged(
            Movement(row.connection, row.bank_transaction),
            row.invoice,
            row.client,
            row.issued_on,
            row.last,
            Money(int(row.settled), row.currency),
            Money(int(row.worth), row.moved_currency),
        )
        for row in connection.execute(_EXCHANGED)
    ]
    return sorted(found, key=lambda each: (each.booked_on, each.movement, each.invoice))


def differences(connection: Connection) -> dict[str, tuple[int, int]]:
    """The gain booked so far, in minor units, and in how many entries, by `Exchanged.source`."""
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(_DIFFERENCES):
        source = row.source.rpartition(":")[0]
        gained, entries = found.get(source, (0, 0))
        found[source] = (gained - row.amount_minor, entries + 1)
    return found


one = settlement.c
_EXCHANGED = (
    select(
        *(one.connection, one.bank_transaction, one.invoice, one.currency, one.moved_currency),
        *(invoice.c.client, invoice.c.issued_on),
        func.max(one.booked_on).label("last"),
        func.sum(one.amount_minor).label("settled"),
        func.sum(one.moved_minor + one.fee_minor).label("worth"),
    )
    .join(invoice, invoice.c.number == one.invoice)
    .where(one.currency != one.moved_currency)
    .group_by(one.connection, one.bank_transaction, one.invoice)
    .group_by(one.currency, one.moved_currency, invoice.c.client, invoice.c.issued_on)
)
_DIFFERENCES = (
    select(entry.c.source, posting.c.amount_minor)
    .join(posting, posting.c.entry == entry.c.id)
    .where(entry.c.source.startswith(f"{SOURCE}:"), posting.c.account == EXCHANGE)
)
