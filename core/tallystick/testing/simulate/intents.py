"""What becomes of a payment at a card provider, drawn when it is made. No clock, no wire.

The states are Stripe's: https://docs.stripe.com/payments/paymentintents/lifecycle; so are the
codes: https://docs.stripe.com/declines/codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from tallystick.connector import AttemptState, CollectionRequest
from tallystick.money import Money
from tallystick.testing.simulate.chance import Chance

DECLINES: Final = ("insufficient_funds", "insufficient_funds", "do_not_honor", "lost_card")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEE_FIXED_MINOR, FEE_PERMILLE = 25, 15
DISPUTE_FEE_MINOR = 1500
DisputeState = Literal["none", "open", "won", "lost"]


class Turn(NamedTuple):
    """What happens to a payment by itself at some moment."""

    at: datetime
    becomes: AttemptState | DisputeState
    reason: str = ""


@dataclass(slots=True)
class Intent:
    """One payment; `turns` are what is still to happen to it."""

    ref: str
    request: CollectionRequest
    made_at: datetime
    state: AttemptState
    reason: str
    turns: list[Turn]
    dispute: DisputeState = "none"
    refunded_minor: int = 0

    @property
    def refundable_minor(self) -> int:
        if self.state != "succeeded" or self.dispute in ("open", "lost"):
            return 0
        return self.request.amount.minor - self.refunded_minor


def fee_of(worth: Money) -> Money:
    """What the provider takes of a payment."""
    return Money(FEE_FIXED_MINOR + worth.minor * FEE_PERMILLE // 1000, worth.currency)


def drawn(ref: str, request: CollectionRequest, at: datetime, chance: Chance) -> Intent:
    """A new payment, with all that will happen to it."""
    state: AttemptState = chance.weighted(
        {"succeeded": 9, "declined": 4, "processing": 5, "requires_customer": 2}
    )
    reason = {
        "declined": chance.one_of(DECLINES),
        "requires_customer": "authentication_required",
    }.get(state, "")
    turns: list[Turn] = []
    ends = at
    if state in ("processing", "requires_customer"):
        ends = at + chance.lasts(2 * HOUR, 6 * DAY)
        other: AttemptState = "declined" if state == "processing" else "cancelled"
        final: AttemptState = chance.weighted({"succeeded": 3, other: 1})
        reasons = {"declined": chance.one_of(DECLINES), "cancelled": "abandoned"}
        turns.append(Turn(ends, final, reasons.get(final, "")))
        succeeds = final == "succeeded"
    else:
        succeeds = state == "succeeded"
    if succeeds:
        turns += _contested(ends, chance)
    return Intent(ref, request, at, state, reason, turns)


def drawn_on_a_page(ref: str, request: CollectionRequest, at: datetime, chance: Chance) -> Intent:
    """A payment its payer makes: paid, or declined while they may try again."""
    if chance.happens(400):
        return Intent(ref, request, at, "declined", chance.one_of(DECLINES), [])
    return Intent(ref, request, at, "succeeded", "", list(_contested(at, chance)))


def _contested(paid_at: datetime, chance: Chance) -> Iterator[Turn]:
    """At times somebody contests what was paid."""
    if chance.happens(150):
        opened = paid_at + chance.lasts(DAY, 25 * DAY)
        yield Turn(opened, "open", "fraudulent")
        decided: DisputeState = chance.weighted({"won": 1, "lost": 1})
        yield Turn(opened + chance.lasts(2 * DAY, 20 * DAY), decided)
