"""The records an accounting system receives, typed. Amounts are in major units of `currency`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

RECEIVABLE: Final = "Assets:Receivable"


class Customer(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    vat_id: str | None = None
    country: str | None = None
    currency: str | None = None
    receivable: str = RECEIVABLE


class Line(Struct, frozen=True, kw_only=True):
    description: str
    account: str
    net: Decimal


class Tax(Struct, frozen=True, kw_only=True):
    category: str
    percent: Decimal
    account: str
    amount: Decimal


class Invoice(Struct, frozen=True, kw_only=True):
    """An invoice, or a credit note with every amount negative."""

    number: str
    kind: Literal["invoice", "credit_note"]
    client: str
    client_name: str
    issued_on: date
    due_on: date | None = None
    currency: str
    lines: tuple[Line, ...]
    tax: tuple[Tax, ...]
    gross: Decimal
    receivable: str = RECEIVABLE


class Payment(Struct, frozen=True, kw_only=True):
    """Money received into `account`; negative when a debit came back or was refunded."""

    id: str
    client: str
    invoice: str | None = None
    paid_on: date
    amount: Decimal
    currency: str
    account: str
    receivable: str = RECEIVABLE


class Leg(Struct, frozen=True, kw_only=True):
    account: str
    amount: Decimal
    currency: str
    client: str | None = None
    contract: str | None = None


class JournalEntry(Struct, frozen=True, kw_only=True):
    """Postings as given, summing to zero per currency."""

    id: str
    on: date
    narration: str
    postings: tuple[Leg, ...]


Document = Customer | Invoice | Payment | JournalEntry
