"""Tables of the engine: what a schedule made due, and what could not be done yet."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, text

from tallystick.store.columns import Instant, Json
from tallystick.store.facts.schema import metadata

UNFINISHED_RUN = text("state = 'due'")

scheduled_run = Table(
    "scheduled_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("first_due_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("ticks", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_at", Instant),
    Column("report", Json, nullable=False),
    UniqueConstraint("schedule", "due_at", "period", name="scheduled_run_once_per_tick"),
    Index(
        "scheduled_run_unfinished",
        "due_at",
        sqlite_where=UNFINISHED_RUN,
        postgresql_where=UNFINISHED_RUN,
    ),
)

postponed = Table(
    "postponed",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
