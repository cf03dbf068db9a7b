"""What issued invoices already billed, per basis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from tallystick.billing.invoice.difference import Billed
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.schema import charge, invoice
from tallystick.store.streams import ALL, ByClient, Share, in_order


class BilledByClient:
    """The billed charges of a share of the clients, for asking client by client in the order of
    their refs."""

    def __init__(self, connection: Connection, share: Share = ALL) -> None:
        order = in_order(connection, invoice.c.client)
        statement = _charges().where(share.covers(order)).order_by(order, *_OLDEST_FIRST)
        self._rows = ByClient(connection.execute(statement.execution_options(yield_per=1000)))

    def take(self, client: str) -> list[Billed]:
        """As `billed_of`; `client` must not come before the one asked for last."""
        return _summed(self._rows.take(client))


def billed_of(connection: Connection, client: str) -> list[Billed]:
    """The client's billed charges summed per (contract, line, basis) and tax, oldest invoice
    first."""
    statement = _charges().where(invoice.c.client == client).order_by(*_OLDEST_FIRST)
    return _summed(connection.execute(statement))


_OLDEST_FIRST = (invoice.c.sequence, charge.c.invoice, charge.c.index)


def _charges() -> Select[Any]:
    return select(charge, invoice.c.client.label("client_ref")).join(
        invoice, invoice.c.number == charge.c.invoice
    )


def _summed(rows: Iterable[Row[Any]]) -> list[Billed]:
    found: dict[tuple[object, ...], Billed] = {}
    for row in rows:
        tax = (row.tax_category, row.tax_percent, row.tax_included)
        key = (row.contract, row.line, row.basis, *tax)
        found[key] = _add(found.get(key), row)
    return list(found.values())


def _add(before: Billed | None, row: Row[Any]) -> Billed:
    amount = Money(row.amount_minor, row.currency)
    invoices = (*before.invoices, row.invoice) if before else (row.invoice,)
    return Billed(
        contract=row.contract,
        line=row.line,
        basis=row.basis,
        service=Period(row.service_start, row.service_end),
        group=before.group if before else row.group,
        amount=before.amount + amount if before else amount,
        account=row.account,
        tax_category=row.tax_category,
        deferred=row.deferred,
        invoices=invoices,
        due_on=row.due_on,
        tax_percent=row.tax_percent,
        tax_included=row.tax_included,
        included_tax_minor=row.included_tax_minor + (before.included_tax_minor if before else 0),
    )
