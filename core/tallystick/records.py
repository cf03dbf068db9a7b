"""The records everybody shares: what a connection's data becomes once it is mapped.

Every record is frozen and typed; `msgspec.convert` builds one from a mapped row and
names the field that does not fit. A field that ends in `_on` is a local date, in `_at`
an aware UTC instant. References (`client`, `ticket`, `contract` ...) hold the *external
id* the same connection uses; links (`tallystick.sync.identity`) join connections.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Instant = Annotated[datetime, Meta(tz=True)]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Billable = Literal["billable", "never", "no_charge"]
Terms = dict[str, Any]


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every kind has: the vendor's id, and the vendor's version of the row if it has one.

    Of two versions of one id the higher (`version`, `updated_at`) stands, so the order in
    which they arrive does not matter.
    """

    id: Text
    version: int = 0
    updated_at: Instant | None = None


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


class Asset(Record, frozen=True, kw_only=True):
    """A device or configuration item; counted from `active_from` to before `retired_on`."""

    name: Text
    client: Text | None = None
    type: str | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    status: str | None = None
    location: str | None = None
    serial: str | None = None
    mac: str | None = None
    active_from: date | None = None
    retired_on: date | None = None


class Ticket(Record, frozen=True, kw_only=True):
    title: str = ""
    client: Text | None = None
    contract: Text | None = None
    asset: Text | None = None
    type: str | None = None
    priority: str | None = None
    status: str | None = None
    opened_at: Instant
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    sla_met: bool | None = None


class Booking(Record, frozen=True, kw_only=True):
    """One piece of a technician's time. `seconds` is what counts; a source that gives only
    `started_at` and `ended_at` gets the true elapsed seconds, across midnight and DST.
    `approved` is false while the service desk still waits for somebody's approval of it."""

    technician: Text | None = None
    client: Text | None = None
    ticket: Text | None = None
    contract: Text | None = None
    work_type: str | None = None
    billable: Billable = "billable"
    work_date: date | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    seconds: int | None = None
    location: str | None = None
    approved: bool | None = None
    note: str = ""


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


class Usage(Record, frozen=True, kw_only=True):
    """`quantity` of what `meter` measures, used on a local date; `cost` is what all of it cost
    the MSP in major units of `currency`."""

    client: Text
    contract: str | None = None
    meter: Text
    quantity: Decimal
    used_on: date
    cost: Decimal | None = None
    currency: CurrencyCode | None = None
    note: str = ""


class Cost(Record, frozen=True, kw_only=True):
    """What serving a client cost besides time: licences, parts, travel. `amount` is net, in major
    units of `currency`, and negative for money that came back. Spent on one day, or spread by day
    from `starts_on` to before `ends_on`."""

    client: str | None = None
    contract: str | None = None
    ticket: str | None = None
    kind: str | None = None
    amount: Decimal
    currency: CurrencyCode
    spent_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        spread = self.starts_on is not None and self.ends_on is not None
        if (self.spent_on is not None) == spread:
            raise ValueError("a cost has either `spent_on`, or both `starts_on` and `ends_on`")
        if self.starts_on and self.ends_on and self.starts_on >= self.ends_on:
            raise ValueError(f"starts_on {self.starts_on} is not before ends_on {self.ends_on}")


class Mandate(Record, frozen=True, kw_only=True):
    """A client's authority to debit their account (SEPA); `id` is the mandate reference."""

    client: Text
    iban: Text
    bic: str | None = None
    holder: Text
    signed_on: date
    revoked_on: date | None = None


class BankTransaction(Record, frozen=True, kw_only=True):
    """One movement on the MSP's account; `amount` is positive for money in.

    `charges` is what the bank kept of it, so that `amount` + `charges` was on its way.
    `paid_amount` is what that was in the payer's own currency where it is another one.
    `returned` marks money sent back: `end_to_end_id` then names the collection it undoes.
    `batch` is the payment-information id under which a bank booked several debits as one.
    """

    account: Text
    booked_on: date
    amount: Decimal
    currency: CurrencyCode
    charges: Decimal | None = None
    paid_amount: Decimal | None = None
    paid_currency: CurrencyCode | None = None
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    returned: bool = False
    return_reason: str | None = None
    batch: str | None = None
    counterparty: str | None = None
    counterparty_iban: str | None = None
    remittance: str = ""


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
}
"""Every record kind a connection can deliver, by the name used in config and mappings."""
