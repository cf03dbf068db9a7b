"""Tables of what money in suspense may be, and of what became of that."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from tallystick.store.columns import Instant, Json
from tallystick.store.facts.schema import metadata

candidate = Table(
    "cash_candidate",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("bank_transaction", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("client", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("waiting_minor", BigInteger, nullable=False),
    Column("places", Json, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", Json, nullable=False),
)

decision = Table(
    "cash_decision",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("bank_transaction", Text, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("places", Json, nullable=False),
    Column("score", Integer),
    Column("reasons", Json, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Index("cash_decision_by_verdict", "verdict"),
)
