"""The parts of GoCardless' objects that are looked at. Amounts are whole minor units.

Source: developer.gocardless.com/api-reference, and the fixtures of its official clients.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

Links = dict[str, str]
Metadata = dict[str, str]

ATTEMPT = "tallystick_attempt"
REFUND = "tallystick_refund"
PAGE = "tallystick_page"
INVOICE = "tallystick_invoice"
"""Our keys in the metadata of payments, refunds and billing requests."""


class Payment(Struct):
    id: str
    amount: int
    currency: str
    status: str
    created_at: str
    description: str | None = None
    charge_date: str | None = None
    metadata: Metadata = {}
    links: Links = {}


class Refund(Struct):
    id: str
    amount: int
    currency: str
    status: str = ""
    metadata: Metadata = {}
    links: Links = {}


class Mandate(Struct):
    id: str
    created_at: str
    scheme: str
    status: str
    reference: str | None = None
    links: Links = {}


class Customer(Struct):
    id: str
    company_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country_code: str | None = None
    language: str | None = None
    metadata: Metadata = {}

    @property
    def name(self) -> str:
        person = " ".join(part for part in (self.given_name, self.family_name) if part)
        return self.company_name or person or self.id


class Payout(Struct):
    id: str
    amount: int
    currency: str
    created_at: str
    status: str
    reference: str | None = None
    deducted_fees: int = 0
    links: Links = {}


class Tax(Struct):
    amount: str


class PayoutItem(Struct):
    """`amount` in minor units with one decimal place, positive for money to us."""

    type: str
    amount: str
    links: Links = {}
    taxes: list[Tax] | None = None


class BillingRequest(Struct):
    id: str
    status: str = "pending"
    metadata: Metadata = {}
    links: Links = {}


class Flow(Struct):
    authorisation_url: str
    expires_at: str | None = None


class Creditor(Struct):
    id: str
    name: str


class Event(Struct):
    id: str
    created_at: str
    resource_type: str
    action: str
    links: Links = {}
    details: dict[str, Any] = {}
    metadata: Metadata = {}
    resource_metadata: Metadata = {}

    @property
    def cause(self) -> str:
        return str(self.details.get("cause") or "")


def told(value: Any, as_: type[T]) -> T:
    """`value` as the type `as_`; what is null was not told. Raises `msgspec.ValidationError`."""
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if one is not None}
    return msgspec.convert(value, as_)
