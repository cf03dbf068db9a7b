"""Hosted pages in the store, each with the request it was opened by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from tallystick.connector import PageRequest
from tallystick.store.billing.schema import invoice
from tallystick.store.cash.provider_schema import page

LIVE: tuple[str, ...] = ("intended", "unknown", "open")


def add(connection: Connection, source: str, request: PageRequest, **values: Any) -> None:
    """Note a page of connection `source`."""
    body = msgspec.json.encode(request).decode()
    same = {
        "connection": source,
        "key": request.key,
        "client": request.client,
        "invoice": request.invoice,
    }
    connection.execute(insert(page).values(**same, request=body, **values))


def request_of(row: Row[Any]) -> PageRequest:
    """The request of a page, exactly as it was intended."""
    return msgspec.json.decode(row.request, type=PageRequest)


def by_key(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(_BY_KEY, {"key": key}).first()


def key_of(connection: Connection, source: str, vendor_ref: str) -> str | None:
    """The key of the page that connection `source` calls `vendor_ref`."""
    statement = select(page.c.key).where(
        page.c.connection == source, page.c.vendor_ref == vendor_ref
    )
    return connection.execute(statement).scalars().first()


def live(connection: Connection, client: str, number: str | None) -> Row[Any] | None:
    """The live page of invoice `number`, or without one that on which `client` gives a mandate."""
    mine = page.c.invoice == number if number else page.c.invoice.is_(None)
    statement = select(page).where(page.c.client == client, mine, page.c.state.in_(LIVE))
    return connection.execute(statement).first()


def count_of(connection: Connection, client: str) -> int:
    """How many pages were ever opened for `client`."""
    return len(connection.execute(select(page.c.key).where(page.c.client == client)).all())


def settled(connection: Connection) -> list[Row[Any]]:
    """Live payment pages whose invoice has less open than they ask for."""
    return [row for row in connection.execute(_LIVE) if _asked(row) > row.open_minor]


def _asked(row: Row[Any]) -> int:
    amount = request_of(row).amount
    return amount.minor if amount is not None else 0


def to_ask(connection: Connection, until: datetime) -> list[Row[Any]]:
    """The live pages whose provider is to be asked by `until`."""
    return list(connection.execute(_TO_ASK, {"until": until}))


def change(
    connection: Connection, key: str, states: Collection[str], now: datetime, **values: Any
) -> bool:
    """Note what became of a page, if it is still in one of `states`; whether it was."""
    result = connection.execute(
        update(page)
        .where(page.c.key == key, page.c.state.in_(states))
        .values(**values, changed_at=now)
    )
    return bool(result.rowcount)


_BY_KEY = select(page).where(page.c.key == bindparam("key"))
_LIVE = (
    select(page, (invoice.c.gross_minor - invoice.c.settled_minor).label("open_minor"))
    .join(invoice, invoice.c.number == page.c.invoice)
    .where(page.c.state.in_(LIVE))
)
_TO_ASK = (
    select(page)
    .where(page.c.ask_at <= bindparam("until"), page.c.state.in_(LIVE))
    .order_by(page.c.ask_at)
)
