"""What the reports of the books ask the store: entries as they are dated, invoices as they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Text, case, cast, func, literal, select

from tallystick.books.ageing import OpenInvoice
from tallystick.books.entries import DEFERRED, Entry, Posting
from tallystick.books.roll_forward import Moved
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.schema import charge, invoice
from tallystick.store.books.schema import entry, posting
from tallystick.store.cash.collection_schema import settlement


def entries(connection: Connection, until: date | None = None) -> Iterator[tuple[int, Entry]]:
    """Every entry booked before `until` with its number, in the order they were recorded."""
    statement = (
        select(entry, posting)
        .join(posting, posting.c.entry == entry.c.id)
        .order_by(entry.c.id, posting.c.position)
        .execution_options(yield_per=5000)
    )
    if until is not None:
        statement = statement.where(entry.c.booked_on < until)
    for number, rows in groupby(connection.execute(statement), key=lambda row: int(row.id)):
        legs = list(rows)
        first = legs[0]
        postings = tuple(map(_posting, legs))
        yield (
            number,
            Entry(first.source, first.booked_on, first.narration, postings, first.belongs_on),
        )


def _posting(row: Row[Any]) -> Posting:
    return Posting(
        row.account,
        Money(row.amount_minor, row.currency),
        row.client,
        row.contract,
        row.line,
        row.service_month,
        row.reported_in,
    )


def open_invoices(connection: Connection, until: date) -> list[OpenInvoice]:
    """What was open of each invoice issued before `until`: what is open now, and what settlements
    booked from then on paid.

    A settlement counts on the day its entry is dated: one told late for a closed period counts
    in the open one.
    """
    key = literal("bank:") + settlement.c.connection + ":" + settlement.c.bank_transaction
    source = key + ":" + cast(settlement.c.part, Text)
    since = (
        select(settlement.c.invoice, func.sum(settlement.c.amount_minor).label("minor"))
        .where(settlement.c.invoice.is_not(None))
        .where(source.in_(select(entry.c.source).where(entry.c.booked_on >= until)))
        .group_by(settlement.c.invoice)
        .subquery()
    )
    paid = invoice.c.settled_minor - func.coalesce(since.c.minor, 0)
    left = invoice.c.gross_minor - paid
    rows = connection.execute(
        select(invoice.c.number, invoice.c.client, invoice.c.due_on, invoice.c.currency, left)
        .join(since, since.c.invoice == invoice.c.number, isouter=True)
        .where(invoice.c.issued_on < until, left != 0)
        .order_by(invoice.c.number)
    )
    return [OpenInvoice(row[0], row[1], row[2], Money(int(row[4]), row[3])) for row in rows]


def deferred_moves(connection: Connection, period: Period) -> Iterator[Moved]:
    """What moved deferred revenue before the end of `period`, per contract."""
    from_invoice = entry.c.source.startswith("invoice:")
    kind = case(
        (entry.c.booked_on < period.start, "opening"),
        (~from_invoice, "recognised"),
        (posting.c.amount_minor < 0, "billed"),
        else_="credited",
    )
    key = (posting.c.contract, posting.c.currency, kind.label("kind"))
    statement = (
        select(*key, func.sum(-posting.c.amount_minor).label("credit_minor"))
        .join(entry, entry.c.id == posting.c.entry)
        .where(posting.c.account == DEFERRED, entry.c.booked_on < period.end)
        .group_by(*key)
    )
    for row in connection.execute(statement):
        yield Moved(row.contract or "", row.kind, Money(int(row.credit_minor), row.currency))


def deferred_by_invoices(connection: Connection, until: date) -> dict[str, Money]:
    """Per currency: what invoices before `until` billed ahead, less what was recognised by then.

    Counted from the charges of invoices, not from what entries put into deferred revenue.
    """
    net = charge.c.amount_minor - charge.c.included_tax_minor
    billed = connection.execute(
        select(charge.c.currency, func.sum(net))
        .join(invoice, invoice.c.number == charge.c.invoice)
        .where(charge.c.deferred, invoice.c.issued_on < until)
        .group_by(charge.c.currency)
    )
    recognised = connection.execute(
        select(posting.c.currency, func.sum(posting.c.amount_minor))
        .join(entry, entry.c.id == posting.c.entry)
        .where(entry.c.source.startswith("recognise:"), posting.c.account != DEFERRED)
        .where(entry.c.booked_on < until)
        .group_by(posting.c.currency)
    )
    sums: dict[str, int] = {}
    for currency, minor in (*billed, *recognised):
        sums[currency] = sums.get(currency, 0) + int(minor)
    return {currency: Money(minor, currency) for currency, minor in sums.items()}
