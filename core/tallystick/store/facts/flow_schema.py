"""What flows pushed: one row per record of a source and the connection it went to."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from tallystick.store.columns import Instant, Json
from tallystick.store.facts.schema import metadata

flowed = Table(
    "flowed",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("target_id", Text, nullable=False),
    Column("pushed", Json, nullable=False),
    Column("pushed_at", Instant, nullable=False),
    Index("flowed_by_target", "kind", "target", "target_id"),
)
"""`pushed` has the values the target confirmed, by field."""
