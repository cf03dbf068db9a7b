"""The simulated card provider says nothing that Stripe could not say.

Its payments, written as Stripe writes them, are valid by Stripe's own OpenAPI document, and the
connector for Stripe makes of them the answer that the simulator gives.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from tests.stripe import objects, spec

from tallystick.connector import CollectionRequest
from tallystick.money import Money
from tallystick.testing.simulate.cards import _answer
from tallystick.testing.simulate.chance import Chance
from tallystick.testing.simulate.intents import Intent, drawn
from tallystick_stripe.intents import Intent as Read
from tallystick_stripe.intents import attempt_of

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
STATUS = {
    "succeeded": "succeeded",
    "processing": "processing",
    "declined": "requires_payment_method",
    "requires_customer": "requires_payment_method",
    "cancelled": "canceled",
}
REQUEST = CollectionRequest(
    key="INV-2026-0001-1",
    amount=Money(11900, "EUR"),
    due_on=date(2026, 2, 2),
    invoice="INV-2026-0001",
    payer="Client 1001",
    mandate="pm_1001",
    iban=None,
    bic=None,
    signed_on=date(2025, 6, 1),
    first=True,
    remittance="INV-2026-0001",
    scheme="card",
    payer_id="cus_1001",
)


def as_stripe(intent: Intent) -> dict[str, Any]:
    request = intent.request
    sent = {
        "amount": request.amount.minor,
        "currency": "eur",
        "customer": request.payer_id,
        "payment_method": request.mandate,
        "description": request.remittance,
        "metadata": {"tallystick_attempt": request.key},
    }
    written = objects.intent(intent.ref, int(intent.made_at.timestamp()), sent, ["card"])
    written["status"] = STATUS[intent.state]
    if intent.state == "cancelled":
        written["cancellation_reason"] = intent.reason
    elif intent.reason:
        code = "card_declined" if intent.state == "declined" else intent.reason
        error = {"type": "card_error", "code": code, "decline_code": intent.reason}
        written["last_payment_error"] = error
    return written


def lives(seed: int) -> list[Intent]:
    """A payment as it is made, and as it is after what happens to it by itself."""
    intent = drawn("pi_1", REQUEST, NOON, Chance(seed))
    later = [turn for turn in intent.turns if turn.becomes in STATUS]
    after = [
        Intent("pi_1", REQUEST, NOON, turn.becomes, turn.reason, [])  # type: ignore[arg-type]  # one of STATUS
        for turn in later
    ]
    return [intent, *after]


@pytest.mark.parametrize("state", STATUS)
def test_a_payment_is_one_of_stripes(state: str) -> None:
    found = [one for seed in range(60) for one in lives(seed) if one.state == state]
    assert found, f"no payment is {state}"
    for one in found:
        written = as_stripe(one)
        assert spec.check_answer("get", "/v1/payment_intents/{intent}", 200, written) == []
        told, simulated = attempt_of(REQUEST.key, msgspec.convert(written, Read)), _answer(one)
        said = (simulated.key, simulated.state, simulated.vendor_ref, simulated.reason)
        assert (told.key, told.state, told.vendor_ref, told.reason) == said
