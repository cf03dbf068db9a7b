"""Cursors: how far each kind of record of a connection was read."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.store.facts.schema import cursor


def read_cursor(connection: Connection, source: str, kind: str, mapping_hash: str) -> str | None:
    """The stored token; None when there is none or the mapping changed since, so that every
    row is read again under the new mapping."""
    row = connection.execute(_CURSOR, {"source": source, "of_kind": kind}).first()
    return row.token if row is not None and row.mapping_hash == mapping_hash else None


def move_cursor(
    connection: Connection, source: str, kind: str, token: str, mapping_hash: str
) -> None:
    """Set the token, in the transaction that stored the rows before it."""
    moved = {"connection": source, "kind": kind, "token": token, "mapping_hash": mapping_hash}
    connection.execute(_MOVE[connection.dialect.name], moved)


_OF_FEED = (cursor.c.connection == bindparam("source")) & (cursor.c.kind == bindparam("of_kind"))
_CURSOR = select(cursor.c.token, cursor.c.mapping_hash).where(_OF_FEED)
_MOVE = {
    name: put.on_conflict_do_update(
        index_elements=["connection", "kind"],
        set_={one: put.excluded[one] for one in ("token", "mapping_hash")},
    )
    for name, put in (("sqlite", sqlite.insert(cursor)), ("postgresql", postgresql.insert(cursor)))
}
