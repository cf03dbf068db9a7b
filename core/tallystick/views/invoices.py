"""The list of invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.schema import invoice
from tallystick.store.database import Database


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


def list_all(database: Database, most: int | None = None) -> tuple[list[InvoiceRow], int]:
    """Every invoice and credit note, in the order of their numbers, or the `most` last of them;
    and how many come before."""
    asked = select(invoice).order_by(invoice.c.number.desc()).limit(most)
    with database.read() as connection:
        found = [_row(one) for one in connection.execute(asked)]
        count = connection.execute(select(func.count()).select_from(invoice)).scalar_one()
    return found[::-1], count - len(found)


def _row(row: Row[Any]) -> InvoiceRow:
    return InvoiceRow(
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
