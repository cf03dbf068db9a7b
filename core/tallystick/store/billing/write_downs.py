"""Write-downs in the store: who gives up how much of which invoice, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Text, cast, exists, func, insert, select, update

from tallystick.billing.invoice.proposal import Agreed
from tallystick.billing.invoice.write_down import BASIS, GROUP, InvoicedLine, WriteDown
from tallystick.books.recognition import GivenUp
from tallystick.money import Money
from tallystick.period import Period, month
from tallystick.store.billing.invoices import lines_of
from tallystick.store.billing.schema import charge, invoice, write_down


def by_client(
    connection: Connection, clients: Sequence[str] | None = None
) -> dict[str, list[WriteDown]]:
    """The write-downs that wait for their credit note, of all clients or of `clients`, in order."""
    credited = invoice.alias()
    own_group = GROUP + write_down.c.invoice + ":" + cast(write_down.c.ordinal, Text)
    issued = exists().where(credited.c.client == invoice.c.client, credited.c.group == own_group)
    statement = (
        select(write_down, invoice)
        .join(invoice, invoice.c.number == write_down.c.invoice)
        .where(~write_down.c.dropped, ~issued)
        .order_by(write_down.c.invoice, write_down.c.ordinal)
    )
    if clients is not None:
        statement = statement.where(invoice.c.client.in_(clients))
    found: dict[str, list[WriteDown]] = {}
    for row in connection.execute(statement).all():
        found.setdefault(row.client, []).append(_write_down(connection, row))
    return found


def of_invoice(connection: Connection, number: str) -> list[Row[Any]]:
    """What was asked for on one invoice and not dropped."""
    statement = select(write_down).where(write_down.c.invoice == number, ~write_down.c.dropped)
    return list(connection.execute(statement))


def add(
    connection: Connection,
    number: str,
    position: int | None,
    amount: Money,
    reason: str,
    asked_by: str,
    now: datetime,
) -> None:
    """Note that `amount` of the invoice, or of its line `position`, is given up."""
    last = connection.execute(
        select(func.max(write_down.c.ordinal)).where(write_down.c.invoice == number)
    ).scalar()
    connection.execute(
        insert(write_down).values(
            invoice=number,
            ordinal=(last or 0) + 1,
            position=position,
            amount_minor=amount.minor,
            reason=reason,
            asked_by=asked_by,
            asked_at=now,
            dropped=False,
        )
    )


def drop(connection: Connection, number: str, ordinal: int) -> None:
    """No longer asked for: no run proposes it again."""
    connection.execute(
        update(write_down)
        .where(write_down.c.invoice == number, write_down.c.ordinal == ordinal)
        .values(dropped=True)
    )


def of_deferred(connection: Connection, client: str) -> Iterator[GivenUp]:
    """The client's issued write-downs of what was billed ahead, in the order of their issue."""
    rows = connection.execute(
        select(charge, invoice.c.issued_on)
        .join(invoice, invoice.c.number == charge.c.invoice)
        .where(invoice.c.client == client, charge.c.deferred, charge.c.basis.startswith(BASIS))
        .order_by(invoice.c.issued_on, charge.c.invoice, charge.c.index)
    ).all()
    for row in rows:
        number, _, position = row.basis.removeprefix(BASIS).rsplit(":", 2)
        bases = connection.execute(
            select(charge.c.basis).where(
                charge.c.invoice == number, charge.c.position == int(position)
            )
        ).scalars()
        yield GivenUp(
            contract=row.contract,
            line=row.line,
            basis=row.basis,
            amount=Money(row.included_tax_minor - row.amount_minor, row.currency),
            month=month(row.issued_on.year, row.issued_on.month),
            of=frozenset(bases),
        )


def _write_down(connection: Connection, row: Row[Any]) -> WriteDown:
    lines = [
        InvoicedLine(
            position=line.position,
            contract=line.contract,
            line=line.line,
            text=line.text,
            service=Period(line.service_start, line.service_end),
            net=Money(line.net_minor, row.currency),
            tax_category=line.tax_category,
            tax_percent=line.tax_percent,
            account=line.account,
        )
        for line in lines_of(connection, row.number)
        if line.net_minor > 0 and row.position in (None, line.position)
    ]
    return WriteDown(
        invoice=row.number,
        ordinal=row.ordinal,
        client=row.client,
        amount=Money(row.amount_minor, row.currency),
        reason=row.reason,
        asked_by=row.asked_by,
        period=Period(row.period_start, row.period_end),
        contracts=msgspec.convert(row.contracts, tuple[Agreed, ...]),
        lines=tuple(lines),
    )
