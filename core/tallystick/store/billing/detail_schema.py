"""Tables of what the annex of an invoice says beyond its charges, as it was at issue."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text

from tallystick.store.columns import DecimalText
from tallystick.store.facts.schema import metadata

invoice_unit = Table(
    "invoice_unit",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("charge", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("days_start", Date, nullable=False),
    Column("days_end", Date, nullable=False),
)

invoice_included = Table(
    "invoice_included",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("contract", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("booking", Text, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("seconds", Integer, nullable=False),
)

invoice_record = Table(
    "invoice_record",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("basis", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("on_ticket", Boolean, nullable=False),
)
