"""Collect over GoCardless payments, each under our key, and say what became of them.

    pending_submission, submitted                      processing
    confirmed, paid_out                                succeeded
    pending_customer_approval                          requires_customer
    failed, customer_approval_denied, charged_back     declined, with the cause of its event
    cancelled                                          cancelled
    anything else                                      unknown

That a payment which was paid out failed late, or was charged back, is told by the next payout too:
money moves by movements, not by what is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tallystick.connector import Attempt, AttemptState, CollectionRequest, Trail
from tallystick.errors import SkipRecord
from tallystick_gocardless.objects import ATTEMPT, INVOICE, BillingRequest, Event, Payment
from tallystick_gocardless.wire import Api, Conflict, Refused

DESCRIPTION_LENGTH_MAX: Final = 255
TOO_EARLY: Final = "charge_date_before_next_possible_charge_date"
_STATES: Final[Mapping[str, AttemptState]] = {
    "pending_submission": "processing",
    "submitted": "processing",
    "confirmed": "succeeded",
    "paid_out": "succeeded",
    "pending_customer_approval": "requires_customer",
    "failed": "declined",
    "customer_approval_denied": "declined",
    "charged_back": "declined",
    "cancelled": "cancelled",
}
_CAUSED: Final = frozenset({"failed", "charged_back", "cancelled", "customer_approval_denied"})


@dataclass(frozen=True, slots=True)
class Payments:
    """The payments of one account."""

    api: Api

    def collect(self, request: CollectionRequest, today: date) -> Attempt:
        """Debit `request` once; the same key again finds the payment made before.

        Raises `SkipRecord` where nothing was made because it cannot be, `Retry` where nobody
        knows.
        """
        try:
            payment = self._create(request, today)
        except Conflict as conflict:
            payment = self._made_before(conflict, request)
        except SkipRecord as error:
            error.record, error.ref = "collection", request.key
            raise
        return self.attempt(request.key, payment)

    def attempt(self, key: str, payment: Payment) -> Attempt:
        state = _STATES.get(payment.status, "unknown")
        reason = ""
        if payment.status in _CAUSED:
            reason = self._cause(payment)
        elif state == "unknown":
            reason = f"GoCardless says {payment.status}."
        return Attempt(key, state, payment.id, reason)

    def find(self, key: str, trail: Trail | None) -> Payment | None:
        """The payment that carries `key`. Without its id the payer's payments are read, or all of
        them, to know that there is none."""
        if trail and trail.vendor_ref.startswith("PM"):
            return self.api.get("payments", trail.vendor_ref, Payment)
        filters = {"customer": trail.payer_id} if trail and trail.payer_id else {}
        for payment in self.api.list("payments", Payment, **filters):
            if payment.metadata.get(ATTEMPT) == key:
                return payment
        return None

    def of_page(self, request: BillingRequest) -> Payment | None:
        """What was paid on a hosted page."""
        made = request.links.get("payment_request_payment")
        return self.api.get("payments", made, Payment) if made else None

    def _create(self, request: CollectionRequest, today: date) -> Payment:
        wanted = _wanted(request)
        if request.due_on <= today:
            return self.api.create("payments", wanted, Payment, key=request.key)
        try:
            dated = {**wanted, "charge_date": request.due_on.isoformat()}
            return self.api.create("payments", dated, Payment, key=request.key)
        except Refused as error:
            if TOO_EARLY not in error.reasons:
                raise
            # the scheme needs more days than are left: as soon as it can
            return self.api.create("payments", wanted, Payment, key=request.key)

    def _made_before(self, conflict: Conflict, request: CollectionRequest) -> Payment:
        payment = self.api.get("payments", conflict.made, Payment)
        wanted = (request.key, request.amount.minor, request.amount.currency)
        if payment is None or _asked(payment) != wanted:
            raise conflict.unlike(self.api.connection, "collection", request.key)
        return payment

    def _cause(self, payment: Payment) -> str:
        """The cause GoCardless gave for the state a payment is in, newest first."""
        events = self.api.list(
            "events", Event, payment=payment.id, resource_type="payments", action=payment.status
        )
        return next((event.cause for event in events if event.cause), payment.status)


def _wanted(request: CollectionRequest) -> dict[str, Any]:
    if not request.mandate.startswith("MD"):
        raise SkipRecord(
            f"GoCardless does not hold mandate {request.mandate}.",
            do="Collect it over the connection that does, or have the client set up a new one.",
        )
    return {
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "description": request.remittance[:DESCRIPTION_LENGTH_MAX],
        "retry_if_possible": False,
        "metadata": {ATTEMPT: request.key, INVOICE: request.invoice},
        "links": {"mandate": request.mandate},
    }


def _asked(payment: Payment) -> tuple[str | None, int, str]:
    return payment.metadata.get(ATTEMPT), payment.amount, payment.currency
