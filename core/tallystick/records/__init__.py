"""The records everybody shares: what a connection's data becomes once it is mapped.

Every record is frozen and typed; `msgspec.convert` builds one from a mapped row and
names the field that does not fit. A field that ends in `_on` is a local date, in `_at`
an aware UTC instant. References (`client`, `ticket`, `contract` ...) hold the *external
id* the same connection uses; links (`tallystick.sync.identity`) join connections.
"""

from __future__ import annotations

from tallystick.records.agreements import Contract, ContractLine, Licence
from tallystick.records.parties import Client, Contact, CostRate, Technician
from tallystick.records.payments import BankTransaction, Dispute, Mandate, Scheme
from tallystick.records.record import CurrencyCode, Instant, Record, Terms, Text
from tallystick.records.service import Asset, Billable, Booking, Cost, Ticket, Usage

__all__ = [
    "KINDS",
    "Asset",
    "BankTransaction",
    "Billable",
    "Booking",
    "Client",
    "Contact",
    "Contract",
    "ContractLine",
    "Cost",
    "CostRate",
    "CurrencyCode",
    "Dispute",
    "Instant",
    "Licence",
    "Mandate",
    "Record",
    "Scheme",
    "Technician",
    "Terms",
    "Text",
    "Ticket",
    "Usage",
]

KINDS: dict[str, type[Record]] = {
    "client": Client,
    "contact": Contact,
    "technician": Technician,
    "cost_rate": CostRate,
    "asset": Asset,
    "ticket": Ticket,
    "booking": Booking,
    "contract": Contract,
    "contract_line": ContractLine,
    "licence": Licence,
    "usage": Usage,
    "cost": Cost,
    "mandate": Mandate,
    "bank_transaction": BankTransaction,
    "dispute": Dispute,
}
"""Every record kind a connection can deliver, by the name used in config and mappings."""
