"""Tables of the journal, its closed periods and the controls of cash: rows are added, never changed
or removed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text

from tallystick.store.columns import Instant, Json
from tallystick.store.facts.schema import metadata

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False, unique=True),
    Column("booked_on", Date, nullable=False),
    Column("belongs_on", Date),
    Column("narration", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
    Index("entry_by_day", "booked_on"),
)

posting = Table(
    "posting",
    metadata,
    Column("entry", Integer, ForeignKey("entry.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("client", Text),
    Column("contract", Text),
    Column("line", Text),
    Column("service_month", Date),
    Column("reported_in", Date),
    Index("posting_by_contract", "contract", "service_month"),
    Index("posting_by_report", "reported_in"),
    Index("posting_by_account", "account", "currency"),
)

period_event = Table(
    "period_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("checklist", Json, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("entries_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

control_event = Table(
    "control_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("hash", Text, nullable=False),
    Index("control_by_subject", "subject", "id"),
)

chain_head = Table(
    "chain_head",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)
