"""Exchange differences: what payments in another currency brought, against what their invoices
were worth when they were issued.

As in billing it is the difference that is booked: what is due by the table of rates, less what the
journal has. So booking twice books once, a payment that is undone takes its difference along, and
a rate that becomes known later, or is corrected, is followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from tallystick.books.entries import Entry, exchange_difference
from tallystick.books.exchange import ExchangeRate, realised
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.store.books import journal
from tallystick.store.cash.exchanged import Exchanged, differences, exchanged


def book_differences(
    connection: Connection, rates: Sequence[ExchangeRate], now: datetime
) -> list[Problem]:
    """Book what is due and not booked yet; returns the payments that `rates` say nothing of."""
    booked = differences(connection)
    due: list[Entry] = []
    missing: list[Problem] = []
    for one in exchanged(connection):
        gained = realised(one.worth, one.settled, one.issued_on, rates)
        if gained is None:
            missing.append(_without_rate(one))
            continue
        before, entries = booked.get(one.source, (0, 0))
        if more := gained - Money(before, gained.currency):
            source = f"{one.source}:{entries + 1}"
            paid_in = one.settled.currency
            due.append(
                exchange_difference(source, one.booked_on, more, paid_in, one.client, one.invoice)
            )
    journal.record(connection, due, now)
    return missing


def _without_rate(one: Exchanged) -> Problem:
    pair = f"from {one.settled.currency} to {one.worth.currency}"
    return Problem(
        f"invoice {one.invoice}",
        f"{one.settled} of it were paid with {one.worth}, and no exchange rate {pair} is known for "
        f"{one.issued_on}, so no exchange difference is booked.",
        "Add an [[exchange_rate]] valid from that day or before; the next `tallystick cash settle` "
        "books it.",
    )
