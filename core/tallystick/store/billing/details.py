"""The detail of issued invoices: what their charges count, and the work their fees include."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row, func, insert, select

from tallystick.billing.invoice.detail import Detail, Included, Key
from tallystick.store.billing.detail_schema import invoice_included, invoice_unit
from tallystick.store.billing.schema import invoice
from tallystick.store.streams import ALL, ByClient, Share, in_order


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


class ToldByClient:
    """What invoices told of the work that fees include, for asking client by client in the order
    of their refs."""

    def __init__(self, connection: Connection, share: Share = ALL) -> None:
        table, order = invoice_included, in_order(connection, invoice.c.client)
        statement = (
            select(table, invoice.c.client.label("client_ref"))
            .join(invoice, invoice.c.number == table.c.invoice)
            .where(share.covers(order))
            .order_by(order, invoice.c.sequence, table.c.invoice, table.c.index)
        )
        self._rows = ByClient(connection.execute(statement.execution_options(yield_per=1000)))
        untold = (
            select(invoice.c.client, func.max(invoice.c.period_end).label("until"))
            .where(invoice.c.kind == "invoice", invoice.c.detailed.is_(False))
            .group_by(invoice.c.client)
        )
        self._untold = {row.client: row.until for row in connection.execute(untold)}

    def take(self, client: str) -> dict[Key, Included]:
        """The work told of, summed over the client's invoices; `client` must not come before the
        one asked for last."""
        found: dict[Key, Included] = {}
        for row in self._rows.take(client):
            one = Included(
                *(row.contract, row.line, row.text, row.booking, row.work_date, row.seconds)
            )
            before = found.get(one.key)
            seconds = one.seconds + (before.seconds if before else 0)
            found[one.key] = replace(one, seconds=seconds)
        return found

    def since(self, client: str) -> date:
        """The end of the client's last period whose invoice told nothing of included work."""
        return self._untold.get(client) or date.min
