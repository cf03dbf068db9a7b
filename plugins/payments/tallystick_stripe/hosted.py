"""Pages of Stripe's own, on which clients pay or set up a mandate: Checkout sessions.

What is typed there goes to Stripe alone. A page that pays makes an intent with the page's key, so
that it is found like an attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import stripe
from msgspec import Struct
from stripe import StripeClient

from tallystick.connector import Page, PageRequest, PageState
from tallystick.errors import SkipRecord
from tallystick_stripe.amounts import units
from tallystick_stripe.customers import Customers
from tallystick_stripe.holders import CLIENT
from tallystick_stripe.intents import ATTEMPT, PAGE
from tallystick_stripe.paging import pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.settings import SCHEMES
from tallystick_stripe.wire import read, seen

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

_STATES: Final[dict[str | None, PageState]] = {
    "open": "open",
    "complete": "done",
    "expired": "expired",
}


class _Session(Struct):
    id: str
    status: str | None
    expires_at: int
    url: str | None = None
    metadata: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    client: StripeClient
    connection: str
    customers: Customers
    return_url: str | None

    def open(self, request: PageRequest) -> Page:
        if self.return_url is None:
            raise SkipRecord(
                "Stripe's pages lead back to a page of yours, and none is named.",
                do="Set `return_url` in the connection's settings.",
                connection=self.connection,
                ref=request.key,
            )
        payer = request.payer_id or self._payer(request)
        with told(self._about(request.key)):
            answer = self.client.v1.checkout.sessions.create(
                _wanted(request, payer, self.return_url), {"idempotency_key": request.key}
            )
            return _page(request.key, seen(answer, _Session))

    def find(self, key: str) -> Page | None:
        session = self._session(key)
        return None if session is None else _page(key, session)

    def close(self, key: str) -> Page | None:
        session = self._session(key)
        if session is None or session.status != "open":
            return None if session is None else _page(key, session)
        sessions = self.client.v1.checkout.sessions
        with told(self._about(key)):
            try:
                answer = sessions.expire(session.id)
            except stripe.InvalidRequestError:  # the client was quicker
                answer = sessions.retrieve(session.id)
            return _page(key, seen(answer, _Session))

    def is_open_for(self, intent: str) -> bool:
        """Whether `intent` can still be paid on a page."""
        listed = self.client.v1.checkout.sessions.list
        found = pages(listed, self._about(intent), payment_intent=intent)
        return any(read(raw, _Session).status == "open" for raw in found)

    def _payer(self, request: PageRequest) -> str:
        return self.customers.ensure(request.client, request.name, request.email).id

    def _session(self, key: str) -> _Session | None:
        for raw in pages(self.client.v1.checkout.sessions.list, self._about(key)):
            session = read(raw, _Session)
            if (session.metadata or {}).get(PAGE) == key:
                return session
        return None

    def _about(self, key: str) -> About:
        return About(self.connection, "page", key)


def _wanted(request: PageRequest, payer: str, return_url: str) -> SessionCreateParams:
    kinds: list[Any] = [SCHEMES[scheme] for scheme in request.schemes if scheme in SCHEMES]
    if request.schemes and not kinds:
        raise SkipRecord(
            f"Stripe takes no {' or '.join(request.schemes)}.", do="Offer the client another way."
        )
    metadata = {PAGE: request.key, CLIENT: request.client}
    wanted: SessionCreateParams = {
        "customer": payer,
        "client_reference_id": request.client,
        "success_url": return_url,
        "metadata": metadata,
    }
    if kinds:
        wanted["allowed_payment_method_types"] = kinds
    if request.amount is None:
        wanted["mode"] = "setup"
        wanted["currency"] = request.currency.lower()
        wanted["setup_intent_data"] = {"metadata": metadata}
        return wanted
    name = f"Invoice {request.invoice}" if request.invoice else "Payment"
    price = {"currency": request.currency.lower(), "unit_amount": units(request.amount)}
    wanted["mode"] = "payment"
    wanted["line_items"] = [
        {"quantity": 1, "price_data": {**price, "product_data": {"name": name}}}  # type: ignore[typeddict-item]  # price has both
    ]
    wanted["payment_intent_data"] = {
        "description": request.invoice or name,
        "metadata": {
            ATTEMPT: request.key,
            PAGE: request.key,
            "tallystick_invoice": request.invoice or "",
        },
    }
    return wanted


def _page(key: str, session: _Session) -> Page:
    return Page(
        key=key,
        state=_STATES.get(session.status, "expired"),
        url=session.url or "",
        vendor_ref=session.id,
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
    )
