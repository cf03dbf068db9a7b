"""Closed periods in the store: what was closed and reopened, by whom and why, a row for each.

The books are closed up to one day: months are closed in their order, and reopened from the last.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, insert, select

from tallystick.books.chain import Head, seal
from tallystick.period import Period
from tallystick.store.books.schema import period_event
from tallystick.store.books.sealed import head_of, move_head, written
from tallystick.store.profit import cells
from tallystick.store.turn import take_turn
from tallystick.store.wanted import fetch

Kind = Literal["closed", "reopening", "reopened"]
LAST = (
    select(period_event.c.kind, period_event.c.period_start, period_event.c.period_end)
    .where(period_event.c.kind != "reopening")
    .order_by(period_event.c.id.desc())
    .limit(1)
)
"""What closed or reopened last."""


def open_from(connection: Connection) -> date | None:
    """The first day that is not closed; None where nothing is."""
    last = fetch(connection, LAST)
    return day_after(*last[0]) if last else None


def day_after(kind: Kind, start: date, end: date) -> date:
    """Up to which day the books are closed after an event of this `kind` and period."""
    return end if kind == "closed" else start


def events(connection: Connection) -> list[Row[Any]]:
    """Everything that happened to periods, the oldest first."""
    return list(connection.execute(select(period_event).order_by(period_event.c.id)))


def add(
    connection: Connection,
    kind: Kind,
    period: Period,
    by: str,
    at: datetime,
    reason: str,
    checklist: object = (),
) -> None:
    """Note an event, with where the journal ends by then. Who stamps effort waits for it."""
    take_turn(connection, cells.TURN)
    before = head_of(connection, "periods")
    journal = head_of(connection, "journal")
    row = {
        "id": before.length + 1,
        "kind": kind,
        "period_start": period.start,
        "period_end": period.end,
        "by": by,
        "at": at,
        "reason": reason,
        "checklist": msgspec.json.encode(checklist).decode(),
        "entries": journal.length,
        "entries_hash": journal.hash,
    }
    sealed = seal(before.hash, [written(value) for value in row.values()])
    values = {**row, "checklist": checklist, "hash": sealed}
    connection.execute(insert(period_event).values(**values))
    if kind == "reopened":
        cells.forget(connection)
    move_head(connection, "periods", before, Head(before.length + 1, sealed))
