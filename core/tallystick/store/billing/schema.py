"""Tables of billing: proposals, invoices with their charges, and what is sent."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from tallystick.store.columns import DecimalText, Instant, Json
from tallystick.store.facts.schema import metadata

OPEN_PROPOSAL = text("state IN ('proposed', 'approved')")


number_series = Table(
    "number_series",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next", Integer, nullable=False),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("gross_minor", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("objections", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("prepared_by", Text, nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("approved_hash", Text),
    Column("accepted_why", Text),
    Column("voided_by", Text),
    Column("voided_why", Text),
    Index("proposal_by_client", "client"),
    Index("proposal_by_period", "period_start", "state"),
    Index(
        "proposal_one_open",
        "client",
        "currency",
        "group",
        unique=True,
        sqlite_where=OPEN_PROPOSAL,
        postgresql_where=OPEN_PROPOSAL,
    ),
)

invoice = Table(
    "invoice",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("proposal", Integer, ForeignKey("proposal.id"), nullable=False, unique=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("gross_minor", BigInteger, nullable=False),
    Column("settled_minor", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("parties", Json, nullable=False),
    Column("po_number", Text),
    Column("payment_terms_days", Integer, nullable=False),
    Column("contracts", Json, nullable=False),
    Column("detailed", Boolean, nullable=False),
    UniqueConstraint("client", "currency", "group", "sequence", name="invoice_once_per_sequence"),
    Index("invoice_by_state", "state"),
)

write_down = Table(
    "write_down",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("position", Integer),
    Column("amount_minor", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("dropped", Boolean, nullable=False),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("contract", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("service_start", Date, nullable=False),
    Column("service_end", Date, nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("unit", Text, nullable=False),
    Column("unit_price", DecimalText, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_category", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("corrects", Json, nullable=False),
    Column("tax_percent", DecimalText),
)

invoice_tax = Table(
    "invoice_tax",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("category", Text, primary_key=True),
    Column("percent", DecimalText, primary_key=True),
    Column("net_minor", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("exemption", Text, nullable=False),
)

charge = Table(
    "charge",
    metadata,
    Column("invoice", Text, ForeignKey("invoice.number"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("contract", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("service_start", Date, nullable=False),
    Column("service_end", Date, nullable=False),
    Column("group", Text, nullable=False),
    Column("quantity", DecimalText, nullable=False),
    Column("unit", Text, nullable=False),
    Column("unit_price", DecimalText, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("tax_category", Text),
    Column("tax_percent", DecimalText),
    Column("tax_included", Boolean, nullable=False),
    Column("included_tax_minor", BigInteger, nullable=False),
    Column("deferred", Boolean, nullable=False),
    Column("due_on", Date),
    Column("reason", Json, nullable=False),
    Column("corrects", Json, nullable=False),
    Index("charge_by_contract", "contract", "service_start"),
    Index("charge_by_basis", "basis"),
)

outbound = Table(
    "outbound",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("vendor_id", Text),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
