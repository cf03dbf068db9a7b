"""What a connector is: a frozen descriptor, and the roles its session can play.

A connector is the only thing that touches the outside. It declares what it reads and
writes, and opens a `Session` that plays one or more roles: `Source` (records come in),
`Sink` (records go out), `Collector` (money is asked for). The shelf it lies on (psa, rmm,
accounting, payments) is a label; the roles are the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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

from tallystick.money import Money

if TYPE_CHECKING:
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


class Ref(NamedTuple):
    """The vendor's id of a pushed record, and the record as the vendor now has it."""

    id: str
    readback: Raw


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """Ask one payer for `amount` on `due_on`. `key` is ours, at most 35 characters of
    `A-Z a-z 0-9 -`, and identifies this attempt for ever."""

    key: str
    amount: Money
    due_on: date
    invoice: str
    payer: str
    mandate: str
    iban: str
    bic: str | None
    signed_on: date
    first: bool
    remittance: str


AttemptState = Literal["processing", "succeeded", "declined", "requires_customer", "unknown"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a collection request, as far as the connector knows now."""

    key: str
    state: AttemptState
    vendor_ref: str
    reason: str = ""


@runtime_checkable
class Session(Protocol):
    def whoami(self) -> str:
        """One line proving who is connected to what; raises `Stop` when the login is no good."""


@runtime_checkable
class Source(Session, Protocol):
    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Rows of kind `record`, lazily, that may have changed after the `since` token."""


@runtime_checkable
class Sink(Session, Protocol):
    def push(self, record: str, raw: Raw, key: str) -> Ref:
        """Create or update one record. The same `key` twice has one effect."""

    def find(self, record: str, key: str) -> Ref | None:
        """Did a push with `key` go through? Asked after a silence, before sending again."""


@runtime_checkable
class Collector(Session, Protocol):
    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Send one batch of requests under the batch `key`. The same key twice collects once."""

    def find_attempt(self, key: str) -> Attempt | None:
        """What became of the request with this key; None when it was never received."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the shell lends a connector: the connection's name, the folder relative paths
    start from, and the clock."""

    connection: str
    root: Path
    now: Callable[[], datetime]


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
