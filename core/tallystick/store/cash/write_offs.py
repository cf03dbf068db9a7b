"""Write-offs in the store: how much of which invoice, why, who asked, and who decided."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.cash.write_off_schema import write_off

WriteOffKind = Literal["bad_debt", "small_difference"]
State = Literal["asked", "approved", "refused"]


class WriteOff(NamedTuple):
    """`amount` is positive, or negative for one that takes earlier ones back. `asked_by` and
    `decided_by` are None where the configured limit spoke."""

    invoice: str
    client: str
    ordinal: int
    kind: WriteOffKind
    amount: Money
    why: str
    asked_by: str | None
    asked_at: datetime
    state: State
    decided_by: str | None


def add(
    connection: Connection,
    number: str,
    kind: WriteOffKind,
    amount: Money,
    why: str,
    asked_by: str | None,
    state: State,
    now: datetime,
) -> int:
    """Note one; its ordinal among those of the invoice."""
    last = connection.execute(
        select(func.max(write_off.c.ordinal)).where(write_off.c.invoice == number)
    ).scalar()
    ordinal = (last or 0) + 1
    connection.execute(
        insert(write_off).values(
            invoice=number,
            ordinal=ordinal,
            kind=kind,
            amount_minor=amount.minor,
            currency=amount.currency,
            why=why,
            asked_by=asked_by,
            asked_at=now,
            state=state,
            decided_at=None if state == "asked" else now,
        )
    )
    return ordinal


def decide(connection: Connection, one: WriteOff, state: State, by: str, now: datetime) -> None:
    connection.execute(
        update(write_off)
        .where(write_off.c.invoice == one.invoice, write_off.c.ordinal == one.ordinal)
        .values(state=state, decided_by=by, decided_at=now)
    )


def listed(connection: Connection, number: str | None = None) -> list[WriteOff]:
    """All of them, or those of one invoice, oldest first."""
    statement = (
        select(write_off, invoice.c.client)
        .join(invoice, invoice.c.number == write_off.c.invoice)
        .order_by(write_off.c.asked_at, write_off.c.invoice, write_off.c.ordinal)
    )
    if number is not None:
        statement = statement.where(write_off.c.invoice == number)
    return [
        WriteOff(
            row.invoice,
            row.client,
            row.ordinal,
            row.kind,
            Money(row.amount_minor, row.currency),
            row.why,
            row.asked_by,
            row.asked_at,
            row.state,
            row.decided_by,
        )
        for row in connection.execute(statement)
    ]


def nearly_paid(connection: Connection) -> list[tuple[str, Money]]:
    """Part-paid invoices and what is still open of each, where a payment of it was settled and
    nothing was ever written off."""
    rows = connection.execute(_NEARLY_PAID)
    return [(row.number, Money(row.gross_minor - row.settled_minor, row.currency)) for row in rows]


_PAID = (
    select(settlement.c.invoice)
    .where(settlement.c.kind == "payment", settlement.c.invoice == invoice.c.number)
    .exists()
)
_BEFORE = select(write_off.c.invoice).where(write_off.c.invoice == invoice.c.number).exists()
_NEARLY_PAID = (
    select(invoice.c.number, invoice.c.currency, invoice.c.gross_minor, invoice.c.settled_minor)
    .where(invoice.c.state == "part_paid", _PAID, ~_BEFORE)
    .order_by(invoice.c.number)
)
