"""Hosted pages: a billing request, and a flow that leads its payer through it.

Without an amount the payer gives a mandate; with one they pay at once from their bank (Instant
Bank Pay), which GoCardless offers in GBP and EUR. A page is its billing request; flows are only
links to it, each good for some days, so making one more does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tallystick.connector import Page, PageRequest, PageState
from tallystick.errors import SkipRecord
from tallystick.records import Scheme
from tallystick_gocardless.customers import Customers
from tallystick_gocardless.objects import ATTEMPT, INVOICE, PAGE, BillingRequest, Flow
from tallystick_gocardless.settings import SCHEMES
from tallystick_gocardless.wire import Api, Conflict, Refused

PAID_AT_ONCE: Final = frozenset({"GBP", "EUR"})
_STATES: Final[Mapping[str, PageState]] = {
    "pending": "open",
    "ready_to_fulfil": "open",
    "fulfilling": "done",
    "fulfilled": "done",
    "cancelled": "expired",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """The billing requests of one account."""

    api: Api
    customers: Customers
    return_url: str | None

    def open(self, request: PageRequest) -> Page:
        wanted = _wanted(request)
        try:
            wanted["links"] = {"customer": request.payer_id or self._payer(request)}
            made = self.api.create("billing_requests", wanted, BillingRequest, key=request.key)
        except Conflict as conflict:
            found = self.api.get("billing_requests", conflict.made, BillingRequest)
            if found is None or found.metadata.get(PAGE) != request.key:
                raise conflict.unlike(self.api.connection, "page", request.key) from None
            made = found
        except SkipRecord as error:
            error.record, error.ref = "page", request.key
            raise
        return self._page(request.key, made)

    def find(self, key: str) -> Page | None:
        found = self.request(key)
        return None if found is None else self._page(key, found)

    def close(self, key: str) -> Page | None:
        found = self.request(key)
        if found is None:
            return None
        if _STATES.get(found.status) == "open":
            try:
                found = self.api.act("billing_requests", found.id, "cancel", BillingRequest)
            except Refused:
                # the payer was faster
                found = self.api.get("billing_requests", found.id, BillingRequest) or found
        return self._page(key, found)

    def request(self, key: str) -> BillingRequest | None:
        listed = self.api.list("billing_requests", BillingRequest)
        return next((one for one in listed if one.metadata.get(PAGE) == key), None)

    def _payer(self, request: PageRequest) -> str:
        """The client's customer, whom the page then knows by name."""
        return self.customers.ensure(request.client, request.name, request.email).id

    def _page(self, key: str, request: BillingRequest) -> Page:
        state = _STATES.get(request.status, "open")
        if state != "open":
            return Page(key, state, "", request.id)
        wanted: dict[str, Any] = {"links": {"billing_request": request.id}}
        if self.return_url:
            wanted |= {"redirect_uri": self.return_url, "exit_uri": self.return_url}
        flow = self.api.create("billing_request_flows", wanted, Flow, key=None)
        expires_at = flow.expires_at and datetime.fromisoformat(flow.expires_at)
        return Page(key, state, flow.authorisation_url, request.id, expires_at or None)


def _wanted(request: PageRequest) -> dict[str, Any]:
    wanted: dict[str, Any] = {"metadata": {PAGE: request.key}}
    if request.amount is None:
        wanted["mandate_request"] = {"currency": request.currency, **_scheme(request.schemes)}
        return wanted
    if request.amount.currency not in PAID_AT_ONCE:
        raise SkipRecord(
            f"GoCardless takes no payment by hand in {request.amount.currency}.",
            do="Have the client give a mandate, or pay by bank transfer.",
        )
    invoice = request.invoice or request.key
    wanted["payment_request"] = {
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "description": invoice,
        "metadata": {ATTEMPT: request.key, INVOICE: invoice},
    }
    return wanted


def _scheme(schemes: tuple[Scheme, ...]) -> dict[str, str]:
    """The one scheme wished for; with several GoCardless offers what fits the payer's bank."""
    named = [name for name, ours in SCHEMES.items() if ours in schemes and ours != "other_debit"]
    return {"scheme": named[0]} if len(named) == 1 and len(schemes) == 1 else {}
