"""Who pays for which client: by what clients are called, their mandates, and what was settled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from tallystick.store.facts_schema import FACTS, link
from tallystick.store.ledger_schema import invoice, settlement

Pair = tuple[str, str]
"""Something a payer is known by, and the ref of the client."""
bank_transaction = FACTS["bank_transaction"]


def of_clients(connection: Connection) -> tuple[list[Pair], list[Pair]]:
    """The names and the customer numbers of clients, in every connection that knows them."""
    table = FACTS["client"]
    ref, linked = _home(table, table.c.id)
    rows = connection.execute(
        select(table.c.name, table.c.customer_number, ref.label("ref")).join(
            link, linked, isouter=True
        )
    ).all()
    numbers = [(row.customer_number, row.ref) for row in rows if row.customer_number]
    return [(row.name, row.ref) for row in rows], numbers


def of_mandates(connection: Connection) -> tuple[list[Pair], list[Pair]]:
    """The accounts and the holders of mandates."""
    table = FACTS["mandate"]
    ref, linked = _home(table, table.c.client)
    rows = connection.execute(
        select(table.c.iban, table.c.holder, ref.label("ref")).join(link, linked, isouter=True)
    ).all()
    accounts = [("".join(row.iban.split()).upper(), row.ref) for row in rows if row.iban]
    return accounts, [(row.holder, row.ref) for row in rows]


def of_payments(
    connection: Connection, accounts: Collection[str], names: Collection[str]
) -> tuple[list[Pair], list[Pair]]:
    """Which of `accounts` and `names` have paid invoices of whom, and were not paid back."""
    table = bank_transaction
    return (
        _paid_from(connection, table.c.counterparty_iban, accounts),
        _paid_from(connection, table.c.counterparty, names),
    )


def _paid_from(
    connection: Connection, column: ColumnElement[Any], values: Collection[str]
) -> list[Pair]:
    if not values:
        return []
    table = bank_transaction
    banks = select(table.c.connection).distinct()
    rows = connection.execute(
        select(column.label("value"), invoice.c.client)
        .join(
            settlement,
            and_(
                settlement.c.connection == table.c.connection,
                settlement.c.bank_transaction == table.c.id,
            ),
        )
        .join(invoice, invoice.c.number == settlement.c.invoice)
        .where(table.c.connection.in_(banks), column.in_(values))
        .group_by(column, invoice.c.client)
        .having(func.sum(settlement.c.amount_minor) > 0)
    )
    return [(row.value, row.client) for row in rows]


def _home(table: Any, client: Any) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    linked = and_(
        link.c.kind == "client", link.c.connection == table.c.connection, link.c.id == client
    )
    return func.coalesce(
        link.c.home_connection + literal(":") + link.c.home_id,
        table.c.connection + literal(":") + client,
    ), linked
