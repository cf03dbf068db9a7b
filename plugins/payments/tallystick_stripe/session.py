"""One Stripe account, in every role a payment provider can play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tallystick.connector import Attempt, CollectionRequest, Context, Event, Trail
from tallystick.errors import Stop
from tallystick_stripe.collecting import Intents
from tallystick_stripe.events import read_event
from tallystick_stripe.recovery import About, told
from tallystick_stripe.settings import StripeSettings
from tallystick_stripe.wire import seen, stripe_client


class _Account(Struct):
    id: str


class StripeSession:
    """Plays `Collector` and `Listener`."""

    def __init__(self, settings: StripeSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._client = stripe_client(settings, context)
        self._intents = Intents(self._client, context.connection, settings.return_url)

    def whoami(self) -> str:
        """The account the key belongs to; raises `Stop` for a key of another or of none."""
        mode = "live" if self._settings.key_is_live else "test"
        return f"account {self._account()} at Stripe, in {mode} mode"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        """Each of `requests` under its own key; raises for the first that is not taken."""
        return [self._intents.collect(request) for request in requests]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        return self._intents.find_attempt(key, trail)

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
