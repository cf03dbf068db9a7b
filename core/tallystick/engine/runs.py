"""What schedules made due: each run done whole, once, with a report that leaves no tick out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tallystick.engine.installation import Installation
from tallystick.engine.tasks import perform
from tallystick.engine.work import DONE, Kind, Left, Work
from tallystick.store.engine import scheduled

NAME = "run"


def unfinished(_: Installation, connection: Connection) -> Iterator[Work]:
    """Runs that schedules made due, one of a task at a time."""
    for row in scheduled.unfinished(connection):
        yield Work(NAME, str(row.id), row.due_at, f"task {row.task}")


def advance(installation: Installation, ref: str) -> Left:
    """Do the run. Cut short, it is done again: every task goes on where it stopped."""
    with installation.database.read() as connection:
        row = scheduled.find(connection, int(ref))
    if row is None or row.state != "due":
        return DONE
    counts = perform(installation, row.task, row.period)
    report = {"due": row.ticks, "done": 1, "missed": row.ticks - 1, **counts}
    with installation.database.write() as connection:
        scheduled.finish(connection, row.id, report, installation.now())
    return DONE


RUN = Kind(NAME, unfinished, advance)
