"""Records that are gone at their vendor: found by what a whole list leaves out, and taken away."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tallystick.connector import Whole
from tallystick.records import KINDS
from tallystick.store.facts.inbound import Keep
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS, gone
from tallystick.store.streams import chunks

CHUNK = 500
STREAM = 5000
FEW = 10
SHARE = 10


class LeftOut(NamedTuple):
    """Ids that are stored and were not on a list of all of them; and how many are stored."""

    ids: list[str]
    stored: int

    @property
    def plausible(self) -> bool:
        """A list may leave out a few records, or one in ten: one of three where there were five
        thousand is no list."""
        return len(self.ids) <= max(FEW, self.stored // SHARE)


def left_out(
    connection: Connection, source: str, kind: str, whole: Whole, seen: Container[str]
) -> LeftOut:
    ids = select(FACTS[kind].c.id).where(*_within(source, kind, whole))
    missing: list[str] = []
    stored = 0
    for some in connection.execute(ids.execution_options(yield_per=STREAM)).scalars().partitions():
        stored += len(some)
        missing += [one for one in some if one not in seen]
    return LeftOut(sorted(missing), stored)


def take_away(
    connection: Connection, source: str, kind: str, ids: Iterable[str], now: datetime, keep: Keep
) -> None:
    """Remove the records; how they last were is kept. Of one that somebody else has taken away
    meanwhile nothing is left to do. `keep` is entered round the change."""
    table = FACTS[kind]
    for some in chunks(ids, CHUNK):
        mine = (table.c.connection == source) & table.c.id.in_(some)
        rows = connection.execute(select(table).where(mine)).all()
        if not rows:
            continue
        with keep(connection, source, kind, some):
            connection.execute(insert(gone), [_last(source, kind, row, now) for row in rows])
            connection.execute(delete(table).where(mine))


def _last(source: str, kind: str, row: Any, now: datetime) -> dict[str, Any]:
    body = msgspec.to_builtins(record_of(row, KINDS[kind]), builtin_types=())
    return {"kind": kind, "connection": source, "id": row.id, "gone_at": now, "record": body}


def _within(source: str, kind: str, whole: Whole) -> list[ColumnElement[bool]]:
    table = FACTS[kind]
    found: list[ColumnElement[bool]] = [table.c.connection == source]
    if whole.field is not None:
        found += [table.c[whole.field] >= whole.start, table.c[whole.field] < whole.end]
    return found
