"""Money back to the payer, once per key, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from stripe import StripeClient

from tallystick.connector import Refund, RefundRequest, RefundState
from tallystick_stripe.amounts import units
from tallystick_stripe.intents import ATTEMPT, REFUND
from tallystick_stripe.paging import pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.wire import read, seen

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

METADATA_LENGTH_MAX: Final = 500
"""Of one value (docs.stripe.com/api/metadata)."""
_STATES: Final[dict[str | None, RefundState]] = {
    "succeeded": "succeeded",
    "pending": "pending",
    "requires_action": "pending",
    "failed": "failed",
    "canceled": "failed",
}


class _Refund(Struct):
    id: str
    status: str | None = None
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Refunds:
    client: StripeClient
    connection: str

    def refund(self, request: RefundRequest) -> Refund:
        with told(self._about(request.key)):
            answer = self.client.v1.refunds.create(
                _wanted(request), {"idempotency_key": request.key}
            )
            return _told(request.key, seen(answer, _Refund))

    def find(self, key: str) -> Refund | None:
        """All refunds may have to be read to know that there is none; they are few."""
        for raw in pages(self.client.v1.refunds.list, self._about(key)):
            refund = read(raw, _Refund)
            if (refund.metadata or {}).get(REFUND) == key:
                return _told(key, refund)
        return None

    def _about(self, key: str) -> About:
        return About(self.connection, "refund", key)


def _wanted(request: RefundRequest) -> RefundCreateParams:
    wanted: RefundCreateParams = {
        "amount": units(request.amount),
        "metadata": {
            REFUND: request.key,
            ATTEMPT: request.attempt,
            "tallystick_reason": request.reason[:METADATA_LENGTH_MAX],
        },
    }
    if request.vendor_ref.startswith("pi_"):
        wanted["payment_intent"] = request.vendor_ref
    else:
        wanted["charge"] = request.vendor_ref
    return wanted


def _told(key: str, refund: _Refund) -> Refund:
    state = _STATES.get(refund.status, "unknown")
    return Refund(key, state, refund.id, refund.failure_reason or "")
