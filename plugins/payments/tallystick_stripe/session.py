"""One Stripe account, in every role a payment provider can play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct

from tallystick.connector import (
    Attempt,
    Broken,
    CollectionRequest,
    Context,
    Cursor,
    Event,
    Page,
    PageRequest,
    Pulled,
    Raw,
    Ref,
    Refund,
    RefundRequest,
    Trail,
    Whole,
)
from tallystick.errors import Stop
from tallystick_stripe.balance import Balance
from tallystick_stripe.changes import Clock
from tallystick_stripe.collecting import Intents
from tallystick_stripe.customers import Customers
from tallystick_stripe.disputes import Disputes
from tallystick_stripe.events import read_event
from tallystick_stripe.hosted import Pages
from tallystick_stripe.intents import PAGE, attempt_of
from tallystick_stripe.recovery import About, told
from tallystick_stripe.refunds import Refunds
from tallystick_stripe.settings import StripeSettings
from tallystick_stripe.wire import seen, stripe_client


class _Account(Struct):
    id: str


class StripeSession:
    """Plays `Source`, `Sink`, `Collector`, `Refunder`, `PageHost` and `Listener`."""

    def __init__(self, settings: StripeSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._client, self._http = stripe_client(settings, context)
        client, connection, return_url = self._client, context.connection, settings.return_url
        self._intents = Intents(client, connection, return_url)
        self._refunds = Refunds(client, connection)
        self._disputes = Disputes(client, connection, self._intents)
        self._customers = Customers(client, connection)
        self._pages = Pages(client, connection, self._customers, return_url)

    def whoami(self) -> str:
        """The account the key belongs to; raises `Stop` for a key of another or of none."""
        mode = "live" if self._settings.key_is_live else "test"
        return f"account {self._account()} at Stripe, in {mode} mode"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        if record == "bank_transaction":
            balance = Balance(
                self._client, self._context.connection, self._account(), self._intents
            )
            yield from balance.pull(since, self._settings.start_on)
        elif record == "dispute":
            yield from self._disputes.pull(since, self._begun())
        elif record in ("client", "mandate"):
            yield from self._customers.pull(record, since, self._begun())
        else:
            raise self._knows_no(record)

    def _begun(self) -> Clock:
        """When this began by Stripe's clock, and by ours until it told."""
        began, self._http.told_at = self._context.now(), None
        return lambda: self._http.told_at or began

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        """A customer for the client with our ref `key`; one that is there is brought level."""
        if record != "client":
            raise self._knows_no(record)
        return self._customers.push(raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        if record != "client":
            raise self._knows_no(record)
        return self._customers.find(key)

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Each of `requests` under its own key; raises for the first that is not taken."""
        return [self._intents.collect(request) for request in requests]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        """Who was declined on a page may try again there, while that is open."""
        intent = self._intents.find(key, trail)
        if intent is None:
            return None
        attempt = attempt_of(key, intent)
        again = attempt.state == "declined" and PAGE in intent.metadata
        if again and self._pages.is_open_for(intent.id):
            return replace(attempt, state="requires_customer")
        return attempt

    def refund(self, request: RefundRequest) -> Refund:
        return self._refunds.refund(request)

    def find_refund(self, key: str) -> Refund | None:
        return self._refunds.find(key)

    def open_page(self, request: PageRequest) -> Page:
        return self._pages.open(request)

    def find_page(self, key: str) -> Page | None:
        return self._pages.find(key)

    def close_page(self, key: str) -> Page | None:
        """The page of this key, or that to which the attempt of this key sends its payer."""
        return self._pages.close(key) or self._intents.close_link(key)

    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        return [read_event(self._settings, headers, body, self._context.now())]

    def _account(self) -> str:
        with told(About(self._context.connection)):
            account = seen(self._client.v1.accounts.retrieve_current(), _Account).id
        if self._settings.account not in (None, account):
            raise Stop(
                f"The key is one of account {account}, not of {self._settings.account}.",
                do="Correct `account`, or put the other account's key where `key` points.",
                connection=self._context.connection,
            )
        return account

    def _knows_no(self, record: str) -> Stop:
        return Stop(
            f"Stripe has no {record} for us.",
            do="Take it out of the settings of this connection.",
            connection=self._context.connection,
        )
