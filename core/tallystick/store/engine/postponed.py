"""What could not be done yet: how often it was tried, why it failed, and when it is tried again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from tallystick.store.engine.schema import postponed


def everything(connection: Connection) -> list[Row[Any]]:
    """All that is postponed, what is due first in front."""
    return list(connection.execute(_EVERYTHING))


def find(connection: Connection, kind: str, ref: str) -> Row[Any] | None:
    return connection.execute(_FIND, {"of_kind": kind, "of_id": ref}).first()


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
    changed = connection.execute(_AGAIN, {"of_kind": kind, "of_id": ref, **values})
    if not changed.rowcount:
        connection.execute(_POSTPONE, {"kind": kind, "id": ref, **values})


def forget(connection: Connection, works: Collection[tuple[str, str]]) -> None:
    """These, each by kind and id, are done or are no longer to be done."""
    for kind, ref in works:
        connection.execute(_FORGET, {"of_kind": kind, "of_id": ref})


_IS = (postponed.c.kind == bindparam("of_kind"), postponed.c.id == bindparam("of_id"))
_EVERYTHING = select(postponed).order_by(postponed.c.due_at, postponed.c.kind, postponed.c.id)
_FIND = select(postponed).where(*_IS)
_AGAIN = update(postponed).where(*_IS)
_POSTPONE = insert(postponed)
_FORGET = delete(postponed).where(*_IS)
