"""What issued invoices already billed, per basis."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.billing.difference import Billed
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.ledger_schema import charge, invoice


def billed_of(connection: Connection, client: str) -> list[Billed]:
    """The client's billed charges summed per (contract, line, basis), oldest invoice first."""
    rows = connection.execute(
        select(charge)
        .join(invoice, invoice.c.number == charge.c.invoice)
        .where(invoice.c.client == client)
        .order_by(invoice.c.sequence, charge.c.invoice, charge.c.index)
    )
    found: dict[tuple[str, str, str], Billed] = {}
    for row in rows:
        key = (row.contract, row.line, row.basis)
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
    )
