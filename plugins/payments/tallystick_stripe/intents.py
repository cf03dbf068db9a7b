"""What a PaymentIntent tells of our attempt. Pure.

    succeeded                    succeeded: card paid, or debit no longer pending
    processing                   a bank debit on its way, days long
    requires_action              the payer must act, on the page the intent links to
    requires_payment_method      declined, as each is confirmed when it is made; or refused off
                                 session until the payer authenticates
    canceled                     cancelled, and can never be paid any more
    anything else                unknown: it was not confirmed, or Stripe has a new word

Source: docs.stripe.com/payments/paymentintents/lifecycle and docs.stripe.com/declines/codes.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tallystick.connector import Attempt, AttemptState

ATTEMPT: Final = "tallystick_attempt"
"""Our key in an intent's metadata, which its charge and so its balance transaction take over."""
PAGE: Final = "tallystick_page"
"""Our key of a hosted page in its metadata, and in that of the intent it pays."""
REFUND: Final = "tallystick_refund"
"""Our key of a refund in its metadata."""
AUTHENTICATION: Final = "authentication_required"


class Refusal(Struct):
    code: str | None = None
    decline_code: str | None = None


class Redirect(Struct):
    url: str | None = None


class Microdeposits(Struct):
    hosted_verification_url: str | None = None


class NextAction(Struct):
    redirect_to_url: Redirect | None = None
    verify_with_microdeposits: Microdeposits | None = None


class Intent(Struct):
    """The part of a PaymentIntent that is looked at."""

    id: str
    status: str
    metadata: dict[str, str] = {}
    payment_method: str | None = None
    last_payment_error: Refusal | None = None
    next_action: NextAction | None = None
    cancellation_reason: str | None = None

    @property
    def wants_authentication(self) -> bool:
        refused = self.last_payment_error
        return (
            self.status == "requires_payment_method"
            and refused is not None
            and AUTHENTICATION in (refused.code, refused.decline_code)
        )

    @property
    def refusal(self) -> str:
        """Why it was refused, the more exact code first; empty where it was not."""
        refused = self.last_payment_error
        return "" if refused is None else refused.decline_code or refused.code or ""

    @property
    def link(self) -> str | None:
        action = self.next_action
        if action is None:
            return None
        if action.verify_with_microdeposits is not None:
            return action.verify_with_microdeposits.hosted_verification_url
        return action.redirect_to_url.url if action.redirect_to_url else None


_STATES: Final[dict[str, AttemptState]] = {
    "succeeded": "succeeded",
    "processing": "processing",
    "requires_payment_method": "declined",
    "requires_action": "requires_customer",
    "canceled": "cancelled",
}


def attempt_of(key: str, intent: Intent) -> Attempt:
    """The attempt under `key` as `intent` stands now."""
    code = intent.refusal
    state = _STATES.get(intent.status, "unknown")
    if intent.wants_authentication:
        state = "requires_customer"
    reason = {
        "unknown": f"Stripe says {intent.status}.",
        "cancelled": intent.cancellation_reason or "",
        "declined": code,
        "requires_customer": code,
    }.get(state, "")
    return Attempt(key, state, intent.id, reason, intent.link)
