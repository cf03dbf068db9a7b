"""Events in the store: what a provider told by itself, each one row however often it comes; and
which connections are to be pulled because of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from tallystick.connector import Event
from tallystick.store.cash.provider_schema import event, pull_wanted


def add(
    connection: Connection,
    source: str,
    told: Sequence[Event],
    body: str,
    body_hash: str,
    now: datetime,
) -> int:
    """Note the events of one delivery from connection `source`; how many of them are new."""
    new = 0
    for one in told:
        values = {
            "connection": source,
            "id": one.id,
            "kind": one.kind,
            "key": one.key,
            "vendor_ref": one.vendor_ref,
            "occurred_at": one.occurred_at,
            "received_at": now,
            "body_hash": body_hash,
            "body": body,
            "state": "stored",
            "reason": "",
            "tries": 0,
            "due_at": now,
        }
        new += _added(connection, event, values)
    return new


def to_process(connection: Connection, until: datetime) -> list[Row[Any]]:
    """The events whose turn comes by `until`, in the order they came."""
    return list(connection.execute(_TO_PROCESS, {"until": until}))


def find(connection: Connection, source: str, ref: str) -> Row[Any] | None:
    return connection.execute(_FIND, {"source": source, "ref": ref}).first()


def change(connection: Connection, source: str, ref: str, **values: Any) -> None:
    """Note what became of an event that is still to be processed."""
    connection.execute(_CHANGE, {"source": source, "ref": ref, **values})


def want_pull(connection: Connection, source: str, now: datetime) -> None:
    """Note that connection `source` has something new to read."""
    values = {"connection": source, "wanted_at": now}
    if not _added(connection, pull_wanted, values):
        connection.execute(
            update(pull_wanted).where(pull_wanted.c.connection == source).values(wanted_at=now)
        )


def pulls_wanted(connection: Connection) -> dict[str, datetime]:
    """The connections with something new to read, and when that was last said."""
    rows = connection.execute(_PULLS_WANTED)
    return {row.connection: row.wanted_at for row in rows}


def pulled(connection: Connection, source: str, wanted_at: datetime) -> None:
    """Note that connection `source` was read whole after `wanted_at`."""
    connection.execute(
        delete(pull_wanted).where(
            pull_wanted.c.connection == source, pull_wanted.c.wanted_at <= wanted_at
        )
    )


def _added(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Add a row unless its key is known; whether it was new. Row counts say nothing of it:
    PostgreSQL's driver has none for an insert."""
    adding = _unless_known(table, connection.dialect.name)
    return connection.execute(adding, values).first() is not None


@cache
def _unless_known(table: Table, dialect: str) -> ReturningInsert[Any]:
    if dialect == "postgresql":
        known = postgresql.insert(table).on_conflict_do_nothing()
        return known.returning(table.c.connection)
    return sqlite.insert(table).on_conflict_do_nothing().returning(table.c.connection)


_TO_PROCESS = (
    select(event)
    .where(event.c.state == "stored", event.c.due_at <= bindparam("until"))
    .order_by(event.c.due_at, event.c.received_at, event.c.id)
)
_FIND = select(event).where(
    event.c.connection == bindparam("source"), event.c.id == bindparam("ref")
)
_CHANGE = update(event).where(
    event.c.connection == bindparam("source"),
    event.c.id == bindparam("ref"),
    event.c.state == "stored",
)
_PULLS_WANTED = select(pull_wanted).order_by(pull_wanted.c.wanted_at)
