"""Payment attempts in the store, and what deciding on new ones needs to know."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from tallystick.connector import CollectionRequest, Trail
from tallystick.store.billing.schema import invoice
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import attempt

COLLECTABLE = ("posted", "reopened", "part_paid")


def collectable(connection: Connection) -> list[Row[Any]]:
    """Invoices of which money is to come and nothing is under way."""
    return list(connection.execute(_TO_COLLECT))


def anything_open(connection: Connection) -> bool:
    """Whether any document has money still to come or to go, and nothing under way."""
    return connection.execute(_OPEN).first() is not None


def open_credits(connection: Connection) -> list[str]:
    """Numbers of credit notes that are neither paid out nor set off."""
    return list(connection.execute(_OPEN_CREDITS).scalars())


def of_clients(connection: Connection, clients: Collection[str]) -> list[Row[Any]]:
    """Every attempt of every invoice of `clients`."""
    return list(connection.execute(_OF_CLIENTS, {"clients": list(clients)})) if clients else []


def of_invoice(connection: Connection, number: str) -> list[Row[Any]]:
    """Every attempt of invoice `number`, the last first."""
    statement = select(attempt).where(attempt.c.invoice == number)
    return list(connection.execute(statement.order_by(attempt.c.ordinal.desc())))


def batches_in(connection: Connection, states: Collection[str]) -> list[tuple[str, str]]:
    """Connection and batch key of every batch with an attempt in `states`."""
    rows = connection.execute(_BATCHES_IN, {"states": list(states)})
    return [(row.connection, row.batch) for row in rows]


def of_batch(connection: Connection, batch: str) -> list[Row[Any]]:
    """The attempts of a batch, always in the same order."""
    return sorted(connection.execute(_OF_BATCH, {"batch": batch}), key=lambda row: str(row.key))


def by_key(connection: Connection, key: str, *, to_change: bool = False) -> Row[Any] | None:
    """The attempt with this key; one that is read `to_change` it is nobody else's until the
    transaction ends, though others may refer to it."""
    return connection.execute(_TO_CHANGE if to_change else _BY_KEY, {"key": key}).first()


def key_of(connection: Connection, source: str, vendor_ref: str) -> str | None:
    """The key of the attempt that connection `source` calls `vendor_ref`."""
    statement = select(attempt.c.key).where(
        attempt.c.connection == source, attempt.c.vendor_ref == vendor_ref
    )
    return connection.execute(statement).scalars().first()


def to_ask(connection: Connection, states: Collection[str], now: datetime) -> list[Row[Any]]:
    """The attempts in `states` whose collector is to be asked by now, the longest waiting first."""
    return list(connection.execute(_TO_ASK, {"states": list(states), "now": now}))


def ask_now(connection: Connection, numbers: Collection[str], now: datetime) -> None:
    """Have those attempts of invoices `numbers` asked about at once that wait for their payer."""
    if numbers:
        connection.execute(_ASK_NOW, {"numbers": list(numbers), "ask_at": now})


def another_is_open(connection: Connection, number: str, key: str, states: Collection[str]) -> bool:
    """Whether invoice `number` has an attempt other than `key` in one of the open `states`."""
    other = exists().where(
        attempt.c.invoice == number, attempt.c.key != key, attempt.c.state.in_(states)
    )
    return bool(connection.execute(select(other)).scalar_one())


def request_of(row: Row[Any]) -> CollectionRequest:
    """The request of an attempt, exactly as it was intended."""
    return msgspec.json.decode(row.request, type=CollectionRequest)


def trail_of(row: Row[Any]) -> Trail:
    """What is known of an attempt besides its key."""
    return Trail(row.vendor_ref or "", request_of(row).payer_id, row.intended_at)


def intend(
    connection: Connection,
    source: str,
    batch: str,
    requests: Iterable[tuple[int, CollectionRequest]],
    now: datetime,
    ask_at: datetime,
) -> None:
    """Note what will be sent to connection `source`: each request with its ordinal. One that
    was parked, and so never sent, is noted anew in its row."""
    given = list(requests)
    keys = {request.key for _, request in given}
    parked = set(connection.execute(_PARKED, {"keys": list(keys)}).scalars())
    new = []
    for ordinal, request in given:
        values = {
            "connection": source,
            "batch": batch,
            "request": msgspec.json.encode(request).decode(),
            "amount_minor": request.amount.minor,
            "currency": request.amount.currency,
            "due_on": request.due_on,
            "state": "intended",
            "reason": "",
            "told": "",
            "intended_at": now,
            "ask_at": ask_at,
            "asks": 0,
            "changed_at": now,
        }
        if request.key in parked:
            connection.execute(_AGAIN, {"of_key": request.key, **values})
            continue
        new.append(values | {"key": request.key, "invoice": request.invoice, "ordinal": ordinal})
    if new:
        connection.execute(_INTEND, new)


def change(
    connection: Connection,
    key: str,
    states: Collection[str],
    now: datetime,
    **values: Any,
) -> bool:
    """Note what became of an attempt, if it is still in one of `states`; whether it was."""
    mine = {"of_key": key, "in_states": list(states)}
    return bool(connection.execute(_CHANGE, {**mine, **values, "changed_at": now}).rowcount)


_TO_COLLECT = select(invoice).where(
    invoice.c.state.in_(COLLECTABLE), invoice.c.gross_minor > invoice.c.settled_minor
)
_OPEN = (
    select(invoice.c.number)
    .where(invoice.c.state.in_(COLLECTABLE), invoice.c.gross_minor != invoice.c.settled_minor)
    .limit(1)
)
_OPEN_CREDITS = (
    select(invoice.c.number)
    .where(invoice.c.state.in_(COLLECTABLE), invoice.c.gross_minor < invoice.c.settled_minor)
    .order_by(invoice.c.number)
)
_OF_CLIENTS = (
    select(attempt)
    .join(invoice, invoice.c.number == attempt.c.invoice)
    .where(invoice.c.client.in_(many("clients")))
)
_BATCHES_IN = (
    select(attempt.c.connection, attempt.c.batch)
    .where(attempt.c.state.in_(many("states")))
    .distinct()
    .order_by(attempt.c.connection, attempt.c.batch)
)
_OF_BATCH = select(attempt).where(attempt.c.batch == bindparam("batch"))
_BY_KEY = select(attempt).where(attempt.c.key == bindparam("key"))
_TO_CHANGE = _BY_KEY.with_for_update(key_share=True)
_TO_ASK = (
    select(attempt)
    .where(attempt.c.state.in_(many("states")), attempt.c.ask_at <= bindparam("now"))
    .order_by(attempt.c.ask_at, attempt.c.key)
)
_ASK_NOW = update(attempt).where(
    attempt.c.invoice.in_(many("numbers")), attempt.c.state == "requires_customer"
)
_PARKED = select(attempt.c.key).where(attempt.c.key.in_(many("keys")), attempt.c.state == "parked")
_AGAIN = update(attempt).where(attempt.c.key == bindparam("of_key"))
_INTEND = insert(attempt)
_CHANGE = update(attempt).where(
    attempt.c.key == bindparam("of_key"), attempt.c.state.in_(many("in_states"))
)
