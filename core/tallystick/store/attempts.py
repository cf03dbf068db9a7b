"""Payment attempts in the store, and what deciding on new ones needs to know."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from tallystick.connector import CollectionRequest
from tallystick.store.ledger_schema import attempt, invoice

COLLECTABLE = ("posted", "reopened", "part_paid")


def collectable(connection: Connection) -> list[Row[Any]]:
    """Invoices of which money is to come and nothing is under way."""
    return list(
        connection.execute(
            select(invoice).where(
                invoice.c.state.in_(COLLECTABLE), invoice.c.gross_minor > invoice.c.settled_minor
            )
        )
    )


def open_credits(connection: Connection) -> list[str]:
    """Numbers of credit notes that are neither paid out nor set off."""
    statement = (
        select(invoice.c.number)
        .where(invoice.c.state.in_(COLLECTABLE), invoice.c.gross_minor < invoice.c.settled_minor)
        .order_by(invoice.c.number)
    )
    return list(connection.execute(statement).scalars())


def of_clients(connection: Connection, clients: Collection[str]) -> list[Row[Any]]:
    """Every attempt of every invoice of `clients`."""
    return list(
        connection.execute(
            select(attempt)
            .join(invoice, invoice.c.number == attempt.c.invoice)
            .where(invoice.c.client.in_(clients))
        )
    )


def batches_in(connection: Connection, states: Collection[str]) -> list[tuple[str, str]]:
    """Connection and batch key of every batch with an attempt in `states`."""
    rows = connection.execute(
        select(attempt.c.connection, attempt.c.batch)
        .where(attempt.c.state.in_(states))
        .distinct()
        .order_by(attempt.c.connection, attempt.c.batch)
    )
    return [(row.connection, row.batch) for row in rows]


def of_batch(connection: Connection, batch: str) -> list[Row[Any]]:
    """The attempts of a batch, always in the same order."""
    statement = select(attempt).where(attempt.c.batch == batch)
    return sorted(connection.execute(statement), key=lambda row: str(row.key))


def request_of(row: Row[Any]) -> CollectionRequest:
    """The request of an attempt, exactly as it was intended."""
    return msgspec.json.decode(row.request, type=CollectionRequest)


def intend(
    connection: Connection,
    source: str,
    batch: str,
    requests: Sequence[tuple[int, CollectionRequest]],
    now: datetime,
) -> None:
    """Note what will be sent to connection `source`: each request with its ordinal. One that
    was parked, and so never sent, is noted anew in its row."""
    keys = [request.key for _, request in requests]
    known = set(connection.execute(select(attempt.c.key).where(attempt.c.key.in_(keys))).scalars())
    for ordinal, request in requests:
        values = {
            "connection": source,
            "batch": batch,
            "request": msgspec.json.encode(request).decode(),
            "amount_minor": request.amount.minor,
            "currency": request.amount.currency,
            "due_on": request.due_on,
            "state": "intended",
            "reason": "",
            "changed_at": now,
        }
        if request.key in known:
            connection.execute(
                update(attempt)
                .where(attempt.c.key == request.key, attempt.c.state == "parked")
                .values(values)
            )
        else:
            values |= {"key": request.key, "invoice": request.invoice, "ordinal": ordinal}
            connection.execute(insert(attempt).values(values))


def change(
    connection: Connection,
    key: str,
    states: Collection[str],
    state: str,
    now: datetime,
    *,
    vendor_ref: str | None = None,
    reason: str = "",
) -> None:
    """Note what became of an attempt, if it is still in one of `states`."""
    connection.execute(
        update(attempt)
        .where(attempt.c.key == key, attempt.c.state.in_(states))
        .values(state=state, vendor_ref=vendor_ref, reason=reason, changed_at=now)
    )
