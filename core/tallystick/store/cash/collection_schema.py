"""Tables of collection and settlement: each attempt at an invoice, and where each movement went."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tallystick.store.columns import Instant
from tallystick.store.facts.schema import metadata

OPEN_ATTEMPT = text("state IN ('intended', 'processing', 'unknown', 'requires_customer', 'lost')")

attempt = Table(
    "attempt",
    metadata,
    Column("key", Text, primary_key=True),
    Column("invoice", Text, ForeignKey("invoice.number"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("connection", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("vendor_ref", Text),
    Column("reason", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("link", Text),
    Column("intended_at", Instant, nullable=False),
    Column("ask_at", Instant),
    Column("asks", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("invoice", "ordinal", name="attempt_once_per_ordinal"),
    Index(
        "attempt_one_open",
        "invoice",
        unique=True,
        sqlite_where=OPEN_ATTEMPT,
        postgresql_where=OPEN_ATTEMPT,
    ),
    Index("attempt_by_batch", "batch"),
    Index("attempt_by_vendor_ref", "connection", "vendor_ref"),
    Index(
        "attempt_to_ask",
        "ask_at",
        sqlite_where=OPEN_ATTEMPT,
        postgresql_where=OPEN_ATTEMPT,
    ),
)

settlement = Table(
    "settlement",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("bank_transaction", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("against", Text),
    Column("invoice", Text, ForeignKey("invoice.number")),
    Column("attempt", Text, ForeignKey("attempt.key")),
    Column("refund", Text, ForeignKey("refund.key")),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("moved_minor", BigInteger, nullable=False),
    Column("moved_currency", Text, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("rule", Text, nullable=False),
    Index("settlement_by_invoice", "invoice"),
    Index("settlement_by_attempt", "attempt"),
    Index(
        "settlement_by_refund",
        "refund",
        sqlite_where=text("refund IS NOT NULL"),
        postgresql_where=text("refund IS NOT NULL"),
    ),
)
