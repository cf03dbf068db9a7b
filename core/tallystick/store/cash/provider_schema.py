"""Tables of what goes on with payment providers besides collecting: what they told us by
themselves, what we give back, and the pages they host for us."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, text

from tallystick.store.columns import Instant
from tallystick.store.facts.schema import metadata

STORED_EVENT = text("state = 'stored'")
LIVE_REFUND = text("state IN ('approved', 'unknown', 'pending', 'lost')")
LIVE_PAGE = text("state IN ('intended', 'unknown', 'open')")
LIVE_SETUP = text("state IN ('intended', 'unknown', 'open') AND invoice IS NULL")

event = Table(
    "event",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text),
    Column("vendor_ref", Text),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index(
        "event_to_process",
        "due_at",
        sqlite_where=STORED_EVENT,
        postgresql_where=STORED_EVENT,
    ),
)

pull_wanted = Table(
    "pull_wanted",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("wanted_at", Instant, nullable=False),
)

refund = Table(
    "refund",
    metadata,
    Column("key", Text, primary_key=True),
    Column("attempt", Text, ForeignKey("attempt.key"), nullable=False),
    Column("settles", Text, ForeignKey("invoice.number"), nullable=False),
    Column("connection", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("intended_at", Instant),
    Column("vendor_ref", Text),
    Column("reason", Text, nullable=False),
    Column("ask_at", Instant),
    Column("asks", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("refund_by_attempt", "attempt"),
    Index("refund_by_settles", "settles"),
    Index("refund_by_vendor_ref", "connection", "vendor_ref"),
    Index("refund_to_ask", "ask_at", sqlite_where=LIVE_REFUND, postgresql_where=LIVE_REFUND),
)

page = Table(
    "page",
    metadata,
    Column("key", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("invoice", Text, ForeignKey("invoice.number")),
    Column("request", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("url", Text),
    Column("vendor_ref", Text),
    Column("expires_at", Instant),
    Column("reason", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("ask_at", Instant),
    Column("asks", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("page_by_client", "client"),
    Index("page_by_vendor_ref", "connection", "vendor_ref"),
    Index(
        "page_one_live_set_up",
        "client",
        unique=True,
        sqlite_where=LIVE_SETUP,
        postgresql_where=LIVE_SETUP,
    ),
    Index(
        "page_one_live_of_invoice",
        "invoice",
        unique=True,
        sqlite_where=LIVE_PAGE,
        postgresql_where=LIVE_PAGE,
    ),
)
