"""Who pays for which client: by what clients are called, their mandates, and what was settled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select

from tallystick.store.billing.schema import invoice
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.facts.schema import FACTS, link

Pair = tuple[str, str]
"""Something a payer is known by, and the ref of the client."""
bank_transaction = FACTS["bank_transaction"]


def of_clients(connection: Connection) -> tuple[list[Pair], list[Pair]]:
    """The names and the customer numbers of clients, in every connection that knows them."""
    rows = connection.execute(_CLIENTS).all()
    numbers = [(row.customer_number, row.ref) for row in rows if row.customer_number]
    return [(row.name, row.ref) for row in rows], numbers


def of_mandates(connection: Connection) -> tuple[list[Pair], list[Pair]]:
    """The accounts and the holders of mandates."""
    rows = connection.execute(_MANDATES).all()
    accounts = [("".join(row.iban.split()).upper(), row.ref) for row in rows if row.iban]
    return accounts, [(row.holder, row.ref) for row in rows]


def of_payments(
    connection: Connection, accounts: Collection[str], names: Collection[str]
) -> tuple[list[Pair], list[Pair]]:
    """Which of `accounts` and `names` have paid invoices of whom, and were not paid back."""
    return (
        _paid_from(connection, _PAID_FROM_ACCOUNTS, accounts),
        _paid_from(connection, _PAID_BY_NAMES, names),
    )


def _paid_from(
    connection: Connection, statement: Select[Any], values: Collection[str]
) -> list[Pair]:
    rows = connection.execute(statement, {"values": list(values)}) if values else ()
    return [(row.value, row.client) for row in rows]


def _paying(column: ColumnElement[Any]) -> Select[Any]:
    table = bank_transaction
    banks = select(table.c.connection).distinct()
    return (
        select(column.label("value"), invoice.c.client)
        .join(
            settlement,
            and_(
                settlement.c.connection == table.c.connection,
                settlement.c.bank_transaction == table.c.id,
            ),
        )
        .join(invoice, invoice.c.number == settlement.c.invoice)
        .where(table.c.connection.in_(banks), column.in_(many("values")))
        .group_by(column, invoice.c.client)
        .having(func.sum(settlement.c.amount_minor) > 0)
    )


def _known(table: Any, client: Any, *columns: Any) -> Select[Any]:
    ref, linked = _home(table, client)
    return select(*columns, ref.label("ref")).join(link, linked, isouter=True)


def _home(table: Any, client: Any) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    linked = and_(
        link.c.kind == "client", link.c.connection == table.c.connection, link.c.id == client
    )
    return func.coalesce(
        link.c.home_connection + literal(":") + link.c.home_id,
        table.c.connection + literal(":") + client,
    ), linked


_CLIENT, _MANDATE = FACTS["client"], FACTS["mandate"]
_CLIENTS = _known(_CLIENT, _CLIENT.c.id, _CLIENT.c.name, _CLIENT.c.customer_number)
_MANDATES = _known(_MANDATE, _MANDATE.c.client, _MANDATE.c.iban, _MANDATE.c.holder)
_PAID_FROM_ACCOUNTS = _paying(bank_transaction.c.counterparty_iban)
_PAID_BY_NAMES = _paying(bank_transaction.c.counterparty)
