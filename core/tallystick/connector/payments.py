"""What is asked of a payment provider, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from tallystick.money import Money
from tallystick.records import Scheme


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """Ask one payer for `amount` on `due_on`. `key` is ours, at most 35 characters of
    `A-Z a-z 0-9 -`, and identifies this attempt for ever.

    `first` is the first use of a mandate, `one_off` the only one it is good for.
    `payer_id` is what the provider that keeps the mandate calls the payer; a mandate that is
    only an account to debit has `iban` in its place.
    """

    key: str
    amount: Money
    due_on: date
    invoice: str
    payer: str
    mandate: str
    iban: str | None
    bic: str | None
    signed_on: date
    first: bool
    remittance: str
    one_off: bool = False
    scheme: Scheme = "sepa_debit"
    payer_id: str | None = None


AttemptState = Literal[
    "processing", "succeeded", "declined", "requires_customer", "cancelled", "unknown"
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a collection request, as far as the connector knows now.

    `reason` is the code it was declined for, in the provider's or the scheme's own words;
    `link` is the hosted page on which the payer can act, where they have to.
    """

    key: str
    state: AttemptState
    vendor_ref: str
    reason: str = ""
    link: str | None = None


class Trail(NamedTuple):
    """What is known of an attempt besides its key, so that it is found without a search: the
    provider's id of it, where it ever told one, and its payer. It was not sent before `since`."""

    vendor_ref: str = ""
    payer_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Collects:
    """How a connector asks for money.

    `batched` sends many requests under one key, as in a file; otherwise each goes alone, under
    its own. The same key may be sent again for `key_lifetime`, for ever without one; after that
    nobody knows whether it still collects once. A batch whose requests can be asked about after
    it was taken `reports`.
    """

    schemes: frozenset[Scheme]
    currencies: frozenset[str] | None = None
    batched: bool = False
    key_lifetime: timedelta | None = None
    reports: bool = False

    @property
    def asks(self) -> bool:
        """Whether asking about a request that was taken may bring anything new."""
        return self.reports or not self.batched


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give `amount` of what the attempt `attempt` collected back to its payer. `vendor_ref` is
    that attempt's; `key` identifies this refund for ever."""

    key: str
    attempt: str
    vendor_ref: str
    amount: Money
    reason: str


RefundState = Literal["pending", "succeeded", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Refund:
    """What became of a refund request, as far as the connector knows now."""

    key: str
    state: RefundState
    vendor_ref: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page hosted by the provider, on which a client pays `amount` of `invoice`, or without an
    amount gives a mandate. Neither card nor account number ever reaches us.

    `client` is our ref, `payer_id` the provider's id of the payer where it has one already.
    """

    key: str
    client: str
    name: str
    email: str | None
    schemes: tuple[Scheme, ...]
    currency: str
    amount: Money | None = None
    invoice: str | None = None
    payer_id: str | None = None


PageState = Literal["open", "done", "expired"]


@dataclass(frozen=True, slots=True)
class Page:
    """A hosted page; who has its `url` can act on it until `expires_at`. What was paid on it is
    known by `key`, like an attempt."""

    key: str
    state: PageState
    url: str
    vendor_ref: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider told us by itself. It is a hint where to look, never a fact: whoever
    processes it asks the provider what is true now.

    `id` is the provider's, the same for every delivery. `key` is that of the attempt, refund or
    page it is about, where it says one; `kind` is the provider's own word.
    """

    id: str
    kind: str
    occurred_at: datetime
    key: str | None = None
    vendor_ref: str | None = None
