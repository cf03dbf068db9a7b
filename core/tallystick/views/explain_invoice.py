"""Explain an invoice: the charges behind each line, its postings, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.billing import invoices
from tallystick.store.billing.schema import charge, outbound
from tallystick.store.books.schema import entry, posting
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.database import Database


@dataclass(frozen=True, slots=True)
class LineCharge:
    """One priced fact behind an invoice line."""

    basis: str
    quantity: str
    unit: str
    amount: Money
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineStory:
    position: int
    text: str
    net: Money
    tax_category: str
    corrects: tuple[str, ...]
    charges: tuple[LineCharge, ...]


@dataclass(frozen=True, slots=True)
class PostingStory:
    account: str
    amount: Money
    service_month: date | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the invoice after it was issued."""

    what: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class InvoiceStory:
    number: str
    kind: str
    client: str
    state: str
    issued_on: date
    due_on: date
    gross: Money
    settled: Money
    lines: tuple[LineStory, ...]
    postings: tuple[PostingStory, ...]
    events: tuple[Event, ...]


def explain_invoice(database: Database, number: str) -> InvoiceStory:
    """The story of invoice `number`; raises `Stop` when there is none."""
    with database.read() as connection:
        row = invoices.find(connection, number)
        if row is None:
            raise Stop(
                f"There is no invoice {number!r}.",
                do="`tallystick bill list` shows the numbers of all invoices.",
            )
        return InvoiceStory(
            number=number,
            kind=row.kind,
            client=row.parties["buyer"]["name"],
            state=row.state,
            issued_on=row.issued_on,
            due_on=row.due_on,
            gross=Money(row.gross_minor, row.currency),
            settled=Money(row.settled_minor, row.currency),
            lines=tuple(_lines(connection, row)),
            postings=tuple(_postings(connection, number)),
            events=tuple(_events(connection, number)),
        )


def _lines(connection: Connection, row: Row[Any]) -> Iterator[LineStory]:
    found = connection.execute(
        select(charge).where(charge.c.invoice == row.number).order_by(charge.c.index)
    ).all()
    for line in invoices.lines_of(connection, row.number):
        yield LineStory(
            position=line.position,
            text=line.text,
            net=Money(line.net_minor, row.currency),
            tax_category=line.tax_category,
            corrects=tuple(line.corrects),
            charges=tuple(
                LineCharge(
                    basis=one.basis,
                    quantity=str(one.quantity),
                    unit=one.unit,
                    amount=Money(one.amount_minor, one.currency),
                    reason=tuple(one.reason),
                )
                for one in found
                if one.position == line.position
            ),
        )


def _postings(connection: Connection, number: str) -> Iterator[PostingStory]:
    rows = connection.execute(
        select(posting)
        .join(entry, entry.c.id == posting.c.entry)
        .where(entry.c.source == f"invoice:{number}")
        .order_by(posting.c.position)
    )
    for row in rows:
        yield PostingStory(row.account, Money(row.amount_minor, row.currency), row.service_month)


def _events(connection: Connection, number: str) -> Iterator[Event]:
    sent = select(outbound).where(outbound.c.kind == "invoice", outbound.c.key == number)
    for row in connection.execute(sent):
        yield Event(f"posted to {row.connection}", row.state, row.reason or row.vendor_id or "")
    tried = select(attempt).where(attempt.c.invoice == number).order_by(attempt.c.ordinal)
    for row in connection.execute(tried):
        amount = Money(row.amount_minor, row.currency)
        what = f"collection {row.key} of {amount} by {row.connection}, due {row.due_on}"
        yield Event(what, row.state, row.reason)
    moved = (
        select(settlement)
        .where(settlement.c.invoice == number)
        .order_by(settlement.c.booked_on, settlement.c.bank_transaction)
    )
    for row in connection.execute(moved):
        settled = Money(row.amount_minor, row.currency)
        arrived = Money(row.moved_minor, row.moved_currency)
        came = "" if arrived == settled else f", by {arrived}"
        if row.fee_minor:
            came += f" and a fee of {Money(row.fee_minor, row.moved_currency)}"
        yield Event(f"bank {row.booked_on}: {settled}{came}", row.kind, row.rule)
