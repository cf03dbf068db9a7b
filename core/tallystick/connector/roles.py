"""The roles a session can play."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from tallystick.connector.exchange import Broken, Cursor, OpenItem, Pulled, Raw, Ref, Whole
from tallystick.connector.payments import (
    Attempt,
    CollectionRequest,
    Event,
    Page,
    PageRequest,
    Refund,
    RefundRequest,
    Trail,
)


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
