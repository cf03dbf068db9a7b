"""What is agreed: contracts, what they sell, and the licences under them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, field

from tallystick.records.record import CurrencyCode, Record, Terms, Text


class Contract(Record, frozen=True, kw_only=True):
    """An agreement; in force from `starts_on` to before `ends_on`, both local dates.

    `cancelled_on` is the day notice was given, `notice_days` how long it runs from there.
    `po_amount` (major units, net) is what the purchase order allows to be invoiced since
    `po_from`. Contracts of one client with the same `consolidation` share an invoice.
    `terms` are what all lines share, such as pauses (`tallystick.billing.schedule`).
    """

    client: Text
    name: Text
    currency: CurrencyCode
    starts_on: date
    ends_on: date | None = None
    cancelled_on: date | None = None
    notice_days: Annotated[int, Meta(ge=0, le=3660)] | None = None
    po_number: str | None = None
    po_amount: Decimal | None = None
    po_from: date | None = None
    consolidation: str | None = None
    payment_terms_days: Annotated[int, Meta(ge=0, le=365)] | None = None
    terms: Terms = field(default_factory=dict)


class ContractLine(Record, frozen=True, kw_only=True):
    """One thing a contract sells. `model` names a charge model, `terms` are that model's own."""

    contract: Text
    description: Text
    model: Text
    terms: Terms = field(default_factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None


class Licence(Record, frozen=True, kw_only=True):
    """Seats or subscriptions a client has: `quantity` of `product` from `active_from` to before
    `retired_on`. A change of the number is a licence that ends and another that starts."""

    client: Text
    contract: str | None = None
    product: Text
    quantity: Decimal
    active_from: date | None = None
    retired_on: date | None = None
