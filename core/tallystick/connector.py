"""What a connector is: a frozen descriptor, and the roles its session can play.

A connector is the only thing that touches the outside. It declares what it reads and
writes, and opens a `Session` that plays one or more roles: `Source` (records come in),
`Sink` (records go out), `Collector` (money is asked for). The shelf it lies on (psa, rmm,
accounting, payments) is a label; the roles are the contract. A payment provider adds
`Refunder`, `PageHost` and `Listener` as far as it can; what it did with the money it tells
like a bank, as the movements of an account (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    TypeVar,
    runtime_checkable,
)

from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.records import Scheme

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

Shelf = Literal["psa", "rmm", "accounting", "payments"]
Tier = Literal["bronze", "silver", "gold"]
Raw = Mapping[str, Any]
"""One record in the vendor's own words: JSON-like values, decimals as `Decimal`, never float."""

S = TypeVar("S", bound="BaseModel")


class Pulled(NamedTuple):
    """One row as the vendor gave it, and where it was found (`row 17 of bookings.csv`)."""

    raw: Raw
    place: str


class Broken(NamedTuple):
    """A row that could not even be read: it is quarantined, the rest goes on."""

    place: str
    what: str
    do: str
    raw: Raw


class Cursor(NamedTuple):
    """Everything yielded before this mark is covered: pulling `since` this token skips it.

    The shell stores the token only in the transaction that stored the rows before it.
    """

    token: str


class Whole(NamedTuple):
    """Everything there is has been yielded before this mark: all of the kind, or with a `field` the
    records whose `field` is from `start` to before `end`. What is stored of these and was not
    yielded is gone at the vendor."""

    field: str | None = None
    start: date | datetime | None = None
    end: date | datetime | None = None


class Ref(NamedTuple):
    """The vendor's id of a pushed record, and the record as the vendor now has it."""

    id: str
    readback: Raw


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


@runtime_checkable
class Session(Protocol):
    def whoami(self) -> str:
        """One line proving who is connected to what; raises `Stop` when the login is no good."""


@runtime_checkable
class Source(Session, Protocol):
    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        """Rows of kind `record`, lazily, that may have changed after the `since` token."""


@runtime_checkable
class Sink(Session, Protocol):
    def push(self, record: str, raw: Raw, key: str) -> Ref:
        """Create or update one record. The same `key` twice has one effect."""

    def find(self, record: str, key: str) -> Ref | None:
        """Did a push with `key` go through? Asked after a silence, before sending again."""


class OpenItem(NamedTuple):
    """What an accounting system has open of one of our documents, by our number; negative for a
    credit note, and for an invoice that more was paid of."""

    number: str
    amount: Money


@runtime_checkable
class Ledger(Session, Protocol):
    def open_items(self) -> Iterable[OpenItem]:
        """Everything of ours that is open there now, to be held against what we say."""


@runtime_checkable
class Collector(Session, Protocol):
    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Send one batch of requests under the batch `key`. The same key twice collects once."""

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        """What became of the request with this key; None when it was never received."""


@runtime_checkable
class Refunder(Session, Protocol):
    def refund(self, request: RefundRequest) -> Refund:
        """Give money back. The same key twice gives it back once."""

    def find_refund(self, key: str) -> Refund | None:
        """What became of the refund with this key; None when it was never received."""


@runtime_checkable
class PageHost(Session, Protocol):
    def open_page(self, request: PageRequest) -> Page:
        """Have a page ready for the client. The same key twice opens one."""

    def find_page(self, key: str) -> Page | None:
        """The page with this key; None when it was never opened."""

    def close_page(self, key: str) -> Page | None:
        """See to it that nothing can be paid on the page any more; one that is done stays so."""


@runtime_checkable
class Listener(Session, Protocol):
    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """The events of one delivery, of which some providers send several at once; `headers` by
        lower-case name. Raises `SkipRecord` when it is not signed by the provider, too old or too
        new, or of another account."""


class Quota(NamedTuple):
    """The vendor answers at most `requests` in any `seconds`, counted over all who ask for this
    tenant."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a vendor bears, and what we take of it.

    `share` of every quota is ours, the rest is left to the tenant's other tools; `concurrency`
    requests are under way at once, from all our threads and processes together. A body longer
    than `body_bytes_max` once unpacked is refused.
    """

    quotas: tuple[Quota, ...] = ()
    share: Decimal = Decimal("0.5")
    concurrency: int = 4
    timeout_s: int = 30
    body_bytes_max: int = 64 << 20


Http = Callable[[str, Limits], "httpx.Client"]
"""A client for the base URL: paced, retried where that is safe, guarded and scrubbed. It answers
with what the vendor says about a request, and raises `Retry` and `Stop` where it says nothing
about it (tallystick.transport)."""


def no_network(base_url: str, _limits: Limits) -> httpx.Client:
    raise Stop(
        f"There is no way to {base_url} from here.",
        do="Open the connection through an installation.",
    )


STATE_FOLDER = ".tallystick"
"""Beside tallystick.toml: what the processes of one machine share about their connections."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the shell lends a connector: the connection's name, the folder relative paths
    start from, the clock, and the way to the network."""

    connection: str
    root: Path
    now: Callable[[], datetime]
    http: Http = no_network


@dataclass(frozen=True, slots=True)
class Connector(Generic[S]):
    """The descriptor a plugin hands to `tallystick_connectors()`.

    `mappings` is the shipped mapping file, an import-resource path such as
    `tallystick_mappings/redmine.toml`, or None when the records are canonical already.
    """

    name: str
    shelf: Shelf
    settings: type[S]
    open: Callable[[S, Context], Session]
    reads: frozenset[str]
    writes: frozenset[str]
    mappings: str | None
    tier: Tier
    collects: Collects | None = None
