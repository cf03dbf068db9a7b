"""The list of invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.ledger_schema import invoice


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    number: str
    kind: str
    client: str
    period: Period
    issued_on: date
    due_on: date
    net: Money
    tax: Money
    gross: Money
    settled: Money
    state: str


def list_all(database: Database) -> list[InvoiceRow]:
    """Every invoice and credit note, in the order of their numbers."""
    with database.read() as connection:
        return [
            InvoiceRow(
                number=row.number,
                kind=row.kind,
                client=row.parties["buyer"]["name"],
                period=Period(row.period_start, row.period_end),
                issued_on=row.issued_on,
                due_on=row.due_on,
                net=Money(row.net_minor, row.currency),
                tax=Money(row.tax_minor, row.currency),
                gross=Money(row.gross_minor, row.currency),
                settled=Money(row.settled_minor, row.currency),
                state=row.state,
            )
            for row in connection.execute(select(invoice).order_by(invoice.c.number))
        ]
