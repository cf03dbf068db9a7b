"""Post: issued invoices and recognition entries to accounting, and read back what it has.

A total that differs there from ours holds the invoice: it stays `issued` and the difference
is told, on every run, until accounting agrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from tallystick.books.accounts import OURS, Chart
from tallystick.books.entries import RECEIVABLE, tax_account
from tallystick.connector import Raw, Sink
from tallystick.delivery import Delivery, deliver
from tallystick.money import Money
from tallystick.store.billing import invoices
from tallystick.store.billing.outbound import is_confirmed
from tallystick.store.billing.schema import outbound
from tallystick.store.books.schema import entry, posting
from tallystick.store.database import Database

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Posted:
    """How many records were posted now, and the sentence of each that is held."""

    posted: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, subject: str, done: Delivery) -> None:
        """Count a delivery, or say why it is held."""
        if done.state == "confirmed":
            self.posted += 1
        else:
            self.problems.append(f"{subject} is not posted ({done.state}): {done.reason}")


def post_invoices(
    database: Database,
    name: str,
    sink: Sink,
    now: Clock,
    progress: Callable[[int], None],
    chart: Chart = OURS,
) -> Posted:
    """Post every invoice in state `issued`, its customer first; posted ones become `posted`."""
    report = Posted()
    with database.read() as connection:
        waiting = invoices.in_state(connection, "issued")
    for row in waiting:
        done = post_invoice(database, name, sink, row, now, chart)
        report.note(f"Invoice {row.number}", done)
        progress(1)
    return report


def post_invoice(
    database: Database, name: str, sink: Sink, row: Row[Any], now: Clock, chart: Chart = OURS
) -> Delivery:
    """Post one issued invoice, its customer first; once accounting confirms it, it is `posted`."""
    with database.read() as connection:
        raw = _invoice(connection, row, chart)
        known = is_confirmed(connection, name, "customer", row.client)
    if not known:
        customer = _customer(row, chart)
        done = deliver(database, sink, name, "customer", row.client, customer, now, _as_it_is)
        if done.state != "confirmed":
            return done
    done = deliver(database, sink, name, "invoice", row.number, raw, now, _totals(row))
    if done.state == "confirmed":
        with database.write() as connection:
            invoices.set_posted(connection, row.number)
    return done


def post_entries(
    database: Database,
    name: str,
    sink: Sink,
    now: Clock,
    progress: Callable[[int], None],
    chart: Chart = OURS,
) -> Posted:
    """Post every recognition entry and exchange difference that accounting does not have yet."""
    report = Posted()
    with database.read() as connection:
        waiting = unposted_entries(connection, name)
    for source in waiting:
        done = post_entry(database, name, sink, source, now, chart)
        report.note(f"Entry {source}", done)
        progress(1)
    return report


def post_entry(
    database: Database, name: str, sink: Sink, source: str, now: Clock, chart: Chart = OURS
) -> Delivery:
    """Post the entry of one source."""
    with database.read() as connection:
        row = connection.execute(select(entry).where(entry.c.source == source)).one()
        raw = _entry(connection, row, chart)
    return deliver(database, sink, name, "entry", source, raw, now, _as_it_is)


def unposted_entries(connection: Connection, name: str) -> list[str]:
    """Sources of the entries that connection `name` is to have and has not confirmed."""
    return list(connection.execute(_UNPOSTED, {"name": name}).scalars())


def _as_it_is(_: Raw) -> None:
    return None


def _totals(row: Row[Any]) -> Callable[[Raw], str | None]:
    """Compares gross and tax of the invoice accounting has with ours, to the minor unit."""
    ours = {
        "gross": Money(row.gross_minor, row.currency),
        "tax": Money(row.tax_minor, row.currency),
    }

    def verify(readback: Raw) -> str | None:
        theirs = {
            "gross": readback.get("gross"),
            "tax": sum((one["amount"] for one in readback.get("tax", ())), Decimal(0)),
        }
        for name, own in ours.items():
            if theirs[name] != own.amount or readback.get("currency") != row.currency:
                found = f"{theirs[name]} {readback.get('currency')}"
                return f"Accounting has a {name} of {found}, we issued {own}. Correct it there."
        return None

    return verify


def _customer(row: Row[Any], chart: Chart) -> dict[str, Any]:
    buyer = row.parties["buyer"]
    return {
        "id": row.client,
        "name": buyer["name"],
        "vat_id": buyer.get("vat_id"),
        "country": buyer.get("country"),
        "currency": row.currency,
        "receivable": chart(RECEIVABLE),
    }


def _invoice(connection: Connection, row: Row[Any], chart: Chart) -> dict[str, Any]:
    def major(minor: int) -> Decimal:
        return Money(minor, row.currency).amount

    return {
        "number": row.number,
        "kind": row.kind,
        "client": row.client,
        "client_name": row.parties["buyer"]["name"],
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "currency": row.currency,
        "receivable": chart(RECEIVABLE),
        "lines": [
            {
                "description": line.text,
                "account": chart(line.account),
                "net": major(line.net_minor),
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "tax_category": line.tax_category,
                "tax_percent": line.tax_percent,
            }
            for line in invoices.lines_of(connection, row.number)
        ],
        "tax": [
            {
                "category": tax.category,
                "percent": tax.percent,
                "account": chart(tax_account(tax.category)),
                "amount": major(tax.amount_minor),
            }
            for tax in invoices.taxes_of(connection, row.number)
        ],
        "gross": major(row.gross_minor),
    }


def _entry(connection: Connection, row: Row[Any], chart: Chart) -> dict[str, Any]:
    legs = connection.execute(
        select(posting).where(posting.c.entry == row.id).order_by(posting.c.position)
    )
    return {
        "id": row.source,
        "on": row.booked_on,
        "narration": row.narration,
        "postings": [
            {
                "account": chart(leg.account),
                "amount": Money(leg.amount_minor, leg.currency).amount,
                "currency": leg.currency,
                "client": leg.client,
                "contract": leg.contract,
            }
            for leg in legs
        ],
    }


_CONFIRMED = exists().where(
    outbound.c.connection == bindparam("name"),
    outbound.c.kind == "entry",
    outbound.c.key == entry.c.source,
    outbound.c.state == "confirmed",
)
_TOLD = entry.c.source.startswith("recognise:") | entry.c.source.startswith("exchange:")
_UNPOSTED = select(entry.c.source).where(_TOLD, ~_CONFIRMED).order_by(entry.c.id)
