"""The table of what is written off invoices nobody will pay."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from tallystick.store.columns import Instant
from tallystick.store.facts.schema import metadata

ASKED = text("state = 'asked'")

write_off = Table(
    "write_off",
    metadata,
    Column("invoice", Text, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("asked_by", Text),
    Column("asked_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Index(
        "write_off_one_asked",
        "invoice",
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    ),
)
