"""Collect over PaymentIntents: off session, confirmed at once, each under our key.

create ─▶ succeeded | processing
       ─▶ 402 declined          the intent it names tells why
       ─▶ 402 authentication    confirm the same intent once more, for a payer who is there:
                                it then links to the page on which they authenticate
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
import stripe
from stripe import StripeClient

from tallystick.connector import Attempt, CollectionRequest, Page, PageState, Trail
from tallystick.errors import SkipRecord
from tallystick_stripe.amounts import units
from tallystick_stripe.intents import ATTEMPT, Intent, Refusal, attempt_of
from tallystick_stripe.paging import pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.settings import SCHEMES
from tallystick_stripe.wire import read, seen

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams


CLOCKS_DIFFER: Final = timedelta(days=1)
"""At most: ours, and Stripe's."""


@dataclass(frozen=True, slots=True)
class Intents:
    """The PaymentIntents of one account. `return_url` is where payers land after a page."""

    client: StripeClient
    connection: str
    return_url: str | None

    def collect(self, request: CollectionRequest) -> Attempt:
        """Charge `request` once; under the same key Stripe repeats its first answer.

        Raises `SkipRecord` where nothing was charged because it cannot be, `Retry` where nobody
        knows.
        """
        with told(self._about(request.key)):
            wanted = _wanted(request)
            try:
                answer = self.client.v1.payment_intents.create(
                    wanted, {"idempotency_key": request.key}
                )
                intent = seen(answer, Intent)
            except (stripe.CardError, stripe.InvalidRequestError) as error:
                intent = _refused(error)
        if intent.wants_authentication:
            intent = self._linked(intent, wanted["payment_method"], request.key)
        return attempt_of(request.key, intent)

    def retrieve(self, id_: str) -> Intent:
        with told(self._about(id_)):
            return seen(self.client.v1.payment_intents.retrieve(id_), Intent)

    def find(self, key: str, trail: Trail | None) -> Intent | None:
        """The intent that carries `key`.

        Lists, unlike Stripe's search, show what was just made. Those of one customer, or since
        the attempt was intended, are a page; without either all intents may have to be read to
        know that there is none.
        """
        known = trail or Trail()
        if known.vendor_ref.startswith("pi_"):
            with suppress(SkipRecord):  # an id that Stripe does not know: there is still the key
                return self.retrieve(known.vendor_ref)
        filters: dict[str, Any] = {}
        if known.since is not None:
            filters["created"] = {"gte": int((known.since - CLOCKS_DIFFER).timestamp())}
        if known.payer_id:
            with suppress(SkipRecord):
                return self._listed(key, filters | {"customer": known.payer_id})
        return self._listed(key, filters)

    def _listed(self, key: str, filters: Mapping[str, Any]) -> Intent | None:
        for raw in pages(self.client.v1.payment_intents.list, self._about(key), **filters):
            intent = read(raw, Intent)
            if intent.metadata.get(ATTEMPT) == key:
                return intent
        return None

    def close_link(self, key: str) -> Page | None:
        """See to it that the intent under `key` is never paid; one past that stays."""
        intent = self.find(key, None)
        if intent is None:
            return None
        intents = self.client.v1.payment_intents
        with told(self._about(key)):
            try:
                answer = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
            except stripe.InvalidRequestError:  # it is past that
                answer = intents.retrieve(intent.id)
            return _page(key, seen(answer, Intent))

    def _linked(self, intent: Intent, payment_method: str, key: str) -> Intent:
        if self.return_url is None:
            return intent
        with told(self._about(key)):
            try:
                answer = self.client.v1.payment_intents.confirm(
                    intent.id,
                    {"payment_method": payment_method, "return_url": self.return_url},
                    {"idempotency_key": f"{key}-link"},
                )
                return seen(answer, Intent)
            except stripe.CardError as error:
                return _refused(error)
            except stripe.InvalidRequestError:  # it went on meanwhile
                return self.retrieve(intent.id)

    def _about(self, key: str) -> About:
        return About(self.connection, "collection", key)


def _wanted(request: CollectionRequest) -> PaymentIntentCreateParams:
    kind = SCHEMES.get(request.scheme)
    if kind is None or request.payer_id is None:
        raise SkipRecord(
            f"Stripe does not hold mandate {request.mandate}.",
            do="Collect it over the connection that does, or have the client set up a new one.",
        )
    return {
        "amount": units(request.amount),
        "currency": request.amount.currency.lower(),
        "customer": request.payer_id,
        "payment_method": request.mandate,
        "allowed_payment_method_types": [kind],
        "confirm": True,
        "off_session": True,
        "description": request.remittance,
        "metadata": {ATTEMPT: request.key, "tallystick_invoice": request.invoice},
    }


def _page(key: str, intent: Intent) -> Page:
    """The page to which an intent sends its payer; expired where it leads nowhere."""
    dead = intent.status in ("canceled", "requires_payment_method")
    state: PageState = "expired" if dead else "open" if intent.link else "done"
    return Page(key, state, intent.link or "", intent.id)


class _Error(msgspec.Struct):
    code: str | None = None
    decline_code: str | None = None
    charge: str | None = None
    payment_intent: Intent | None = None


class _Answer(msgspec.Struct):
    error: _Error


def _refused(error: stripe.CardError | stripe.InvalidRequestError) -> Intent:
    """The intent that was made and refused, as far as the error tells of it. Raises the error
    where none was made."""
    told = read(error.http_body or "", _Answer).error
    made = told.payment_intent
    if made is None and isinstance(error, stripe.InvalidRequestError):
        raise error
    refused = Refusal(told.code, told.decline_code)
    if made is None:
        made = Intent(told.charge or "", "requires_payment_method")
    made.last_payment_error = made.last_payment_error or refused
    return made
