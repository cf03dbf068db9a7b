"""Tables of what connections say: one per record kind, derived from the record itself."""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from tallystick.records import KINDS, Record
from tallystick.store.columns import DecimalText, Instant, Json, Texts

metadata = MetaData()

COLUMN_TYPES: dict[Any, type[TypeEngine[Any]]] = {
    str: Text,
    int: BigInteger,
    bool: Boolean,
    date: Date,
    datetime: Instant,
    Decimal: DecimalText,
    dict: Json,
    tuple: Texts,
}
INDEXED = {  # the connection comes behind these: nearly all rows have the same, which sorting sees
    "booking": (("client",), ("ticket",), ("contract",)),
    "ticket": (("client",), ("contract",), ("asset",)),
    "asset": (("client",),),
    "contract": (("client",),),
    "contract_line": (("contract",),),
    "cost_rate": (("technician",),),
    "licence": (("client",),),
    "usage": (("client",), ("contract",)),
    "cost": (("client",), ("contract",), ("ticket",)),
    "contact": (("client",),),
    "mandate": (("client",),),
    "bank_transaction": (("counterparty_iban",), ("counterparty",), ("payout",)),
    "dispute": (("attempt",),),
}


def _plain(annotation: Any) -> Any:
    """The one Python type behind `Annotated`, `| None` and `Literal`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _plain(typing.get_args(annotation)[0])
    if origin is typing.Literal:
        return str
    if origin in (typing.Union, types.UnionType):
        [inner] = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return _plain(inner)
    return origin or annotation


def _table(kind: str, record: type[Record]) -> Table:
    hints = typing.get_type_hints(record, include_extras=True)
    columns = [
        Column(
            field.name,
            COLUMN_TYPES[_plain(hints[field.name])],
            nullable=type(None) in typing.get_args(hints[field.name]),
        )
        for field in msgspec.structs.fields(record)
    ]
    return Table(
        kind,
        metadata,
        Column("connection", Text, nullable=False),
        *columns,
        Column("content_hash", Text, nullable=False),
        Column("stored_at", Instant, nullable=False),
        PrimaryKeyConstraint("connection", "id"),
        *(Index(f"{kind}_by_{'_'.join(key)}", *key, "connection") for key in INDEXED.get(kind, ())),
    )


FACTS: dict[str, Table] = {kind: _table(kind, record) for kind, record in KINDS.items()}
"""The table of every record kind; its primary key is (connection, id)."""

link = Table(
    "link",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("connection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("home_connection", Text, nullable=False),
    Column("home_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Index("link_by_home", "kind", "home_connection", "home_id"),
)

link_decision = Table(
    "link_decision",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("connection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("home_connection", Text, primary_key=True),
    Column("home_id", Text, primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What a person said of two records: that they are the same, or that they are not."""

link_question = Table(
    "link_question",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("connection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("home_connection", Text, primary_key=True),
    Column("home_id", Text, primary_key=True),
    Column("probability", DecimalText, nullable=False),
    Column("reasons", Texts, nullable=False),
)
"""Pairs that may be the same, which no rule joins and nobody has decided on."""

gone = Table(
    "gone",
    metadata,
    Column("nth", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("gone_at", Instant, nullable=False),
    Column("record", Json, nullable=False),
    Index("gone_by_id", "kind", "connection", "id"),
)
"""Records that were deleted at the vendor, as they last were."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("raw_hash", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("do", Text, nullable=False),
    Column("raw", Json, nullable=False),
    Column("refs", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("quarantined_at", Instant, nullable=False),
    Index("quarantine_by_id", "connection", "kind", "id"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("mapping_hash", Text, nullable=False),
)
