"""Who there is: clients and their people, technicians and what an hour of them costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from tallystick.records.record import CurrencyCode, Record, Text


class Client(Record, frozen=True, kw_only=True):
    """A customer of the MSP."""

    name: Text
    customer_number: str | None = None
    vat_id: str | None = None
    domain: str | None = None
    email: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    region: str | None = None
    tax_category: str | None = None
    payment_terms_days: Annotated[int, Meta(ge=0, le=365)] | None = None
    language: str | None = None
    buyer_reference: str | None = None
    electronic_address: str | None = None


class Contact(Record, frozen=True, kw_only=True):
    """A person at a client; as a user counted from `active_from` to before `retired_on`."""

    client: Text
    name: Text
    email: str | None = None
    type: str | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    status: str | None = None
    active_from: date | None = None
    retired_on: date | None = None


class Technician(Record, frozen=True, kw_only=True):
    name: Text
    role: str | None = None


class CostRate(Record, frozen=True, kw_only=True):
    """What an hour of a technician costs, from `valid_from` until the next rate of theirs."""

    technician: Text
    valid_from: date
    hourly: Decimal
    currency: CurrencyCode
