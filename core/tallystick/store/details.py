"""The detail of issued invoices: what their charges count, and the work their fees include."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from tallystick.billing.invoice.detail import Detail, Included, Key
from tallystick.store.detail_schema import invoice_included, invoice_unit
from tallystick.store.ledger_schema import invoice


def insert_detail(connection: Connection, number: str, detail: Detail) -> None:
    """Write what the annex of invoice `number` says beyond its charges."""
    units = [
        {
            "invoice": number,
            "index": index,
            "charge": one.due,
            "name": one.name,
            "kind": one.kind,
            "quantity": one.quantity,
            "days_start": one.days.start,
            "days_end": one.days.end,
        }
        for index, one in enumerate(detail.units)
    ]
    included = [
        {
            "invoice": number,
            "index": index,
            "contract": one.contract,
            "line": one.line,
            "text": one.text,
            "booking": one.booking,
            "work_date": one.on,
            "seconds": one.seconds,
        }
        for index, one in enumerate(detail.included)
    ]
    if units:
        connection.execute(insert(invoice_unit), units)
    if included:
        connection.execute(insert(invoice_included), included)


def units_of(connection: Connection, number: str) -> dict[int, list[Row[Any]]]:
    """What each charge of an invoice counts, by the index of the charge."""
    table = invoice_unit
    found: dict[int, list[Row[Any]]] = {}
    statement = select(table).where(table.c.invoice == number).order_by(table.c.index)
    for row in connection.execute(statement):
        found.setdefault(row.charge, []).append(row)
    return found


def included_of(connection: Connection, number: str) -> list[Row[Any]]:
    table = invoice_included
    statement = select(table).where(table.c.invoice == number).order_by(table.c.index)
    return list(connection.execute(statement))


def told(connection: Connection, client: str) -> dict[Key, Included]:
    """The work that a client's invoices told their fees to include, summed over them."""
    table = invoice_included
    statement = (
        select(table)
        .join(invoice, invoice.c.number == table.c.invoice)
        .where(invoice.c.client == client)
        .order_by(invoice.c.issued_on, table.c.invoice, table.c.index)
    )
    found: dict[Key, Included] = {}
    for row in connection.execute(statement):
        one = Included(*(row.contract, row.line, row.text, row.booking, row.work_date, row.seconds))
        before = found.get(one.key)
        seconds = one.seconds + (before.seconds if before else 0)
        found[one.key] = Included(one.contract, one.line, one.text, one.booking, one.on, seconds)
    return found


def untold_until(connection: Connection, client: str) -> date | None:
    """The end of the client's last period whose invoice told nothing of what its fees include."""
    statement = select(func.max(invoice.c.period_end)).where(
        invoice.c.client == client, invoice.c.kind == "invoice", invoice.c.detailed.is_(False)
    )
    return connection.execute(statement).scalar()
