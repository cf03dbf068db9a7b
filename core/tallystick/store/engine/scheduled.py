"""What schedules made due, one row per run: the ticks it stands for, and what became of it.

begun   since when a schedule is watched; no run
due     to be done; at most once per schedule and period at a time
done    with its report
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from tallystick.store.engine.schema import scheduled_run as table


def last_tick(connection: Connection, schedule: str) -> datetime | None:
    """The latest tick noted of a schedule, None when it was never watched."""
    statement = select(func.max(table.c.due_at, type_=table.c.due_at.type))
    found: datetime | None = connection.execute(
        statement.where(table.c.schedule == schedule)
    ).scalar()
    return found


def unfinished(connection: Connection) -> list[Row[Any]]:
    """Runs that are due, the oldest first."""
    return list(connection.execute(_UNFINISHED))


def find(connection: Connection, run: int) -> Row[Any] | None:
    return connection.execute(select(table).where(table.c.id == run)).first()


def latest(connection: Connection, limit: int) -> list[Row[Any]]:
    """The runs that ended last, the newest first."""
    statement = select(table).where(table.c.state == "done")
    return list(connection.execute(statement.order_by(table.c.ended_at.desc()).limit(limit)))


def begin(connection: Connection, schedule: str, task: str, now: datetime) -> None:
    """From now on the schedule is watched; what it would have done before is nobody's miss."""
    _insert(connection, schedule, task, "", now, now, 0, "begun")


def note(
    connection: Connection,
    schedule: str,
    task: str,
    period: str,
    first_due_at: datetime,
    due_at: datetime,
    ticks: int,
) -> None:
    """One run for `ticks` ticks, from `first_due_at` to `due_at`; `period` is what it bills, or
    nothing."""
    _insert(connection, schedule, task, period, first_due_at, due_at, ticks, "due")


def finish(connection: Connection, run: int, report: Mapping[str, Any], now: datetime) -> None:
    connection.execute(
        update(table)
        .where(table.c.id == run, table.c.state == "due")
        .values(state="done", report=report, ended_at=now)
    )


def _insert(
    connection: Connection,
    schedule: str,
    task: str,
    period: str,
    first_due_at: datetime,
    due_at: datetime,
    ticks: int,
    state: str,
) -> None:
    connection.execute(
        insert(table).values(
            schedule=schedule,
            task=task,
            period=period,
            first_due_at=first_due_at,
            due_at=due_at,
            ticks=ticks,
            state=state,
            report={},
        )
    )


_UNFINISHED = select(table).where(table.c.state == "due").order_by(table.c.due_at, table.c.id)
