"""What could not be done yet: how often it was tried, why it failed, and when it is tried again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from tallystick.store.engine_schema import postponed


def everything(connection: Connection) -> list[Row[Any]]:
    """All that is postponed, what is due first in front."""
    statement = select(postponed).order_by(postponed.c.due_at, postponed.c.kind, postponed.c.id)
    return list(connection.execute(statement))


def find(connection: Connection, kind: str, ref: str) -> Row[Any] | None:
    return connection.execute(select(postponed).where(*_is(kind, ref))).first()


def postpone(
    connection: Connection,
    kind: str,
    ref: str,
    tries: int,
    due_at: datetime,
    reason: str,
    now: datetime,
) -> None:
    """Note that a try failed; `tries` counts it."""
    values = {"tries": tries, "due_at": due_at, "reason": reason, "changed_at": now}
    changed = connection.execute(update(postponed).where(*_is(kind, ref)).values(values))
    if not changed.rowcount:
        connection.execute(insert(postponed).values(kind=kind, id=ref, **values))


def forget(connection: Connection, works: Collection[tuple[str, str]]) -> None:
    """These, each by kind and id, are done or are no longer to be done."""
    for kind, ref in works:
        connection.execute(delete(postponed).where(*_is(kind, ref)))


def _is(kind: str, ref: str) -> tuple[Any, ...]:
    return postponed.c.kind == kind, postponed.c.id == ref
