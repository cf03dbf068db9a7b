"""Refunds of payments, each under our key.

    pending_submission, submitted, created   pending
    paid                                     succeeded
    cancelled, bounced, funds_returned       failed
    anything else                            unknown

Source: developer.gocardless.com/api-reference, "Refunds".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tallystick import connector
from tallystick.connector import RefundRequest, RefundState
from tallystick.errors import SkipRecord
from tallystick_gocardless.objects import REFUND, Refund
from tallystick_gocardless.wire import Api, Conflict

_STATES: Final[Mapping[str, RefundState]] = {
    "created": "pending",
    "pending_submission": "pending",
    "submitted": "pending",
    "paid": "succeeded",
    "cancelled": "failed",
    "bounced": "failed",
    "funds_returned": "failed",
}


@dataclass(frozen=True, slots=True)
class Refunds:
    """The refunds of one account."""

    api: Api

    def refund(self, request: RefundRequest) -> connector.Refund:
        """Give back once. GoCardless wants to be told what was refunded with this one in all, and
        refuses when that differs: another refund came between."""
        before = [one.amount for one in self._of(request.vendor_ref) if not _is(one, request.key)]
        wanted = {
            "amount": request.amount.minor,
            "total_amount_confirmation": sum(before) + request.amount.minor,
            "metadata": {REFUND: request.key},
            "links": {"payment": request.vendor_ref},
        }
        try:
            made = self.api.create("refunds", wanted, Refund, key=request.key)
        except Conflict as conflict:
            found = self.api.get("refunds", conflict.made, Refund)
            if found is None or not _is(found, request.key):
                raise conflict.unlike(self.api.connection, "refund", request.key) from None
            made = found
        except SkipRecord as error:
            error.record, error.ref = "refund", request.key
            raise
        return _told(request.key, made)

    def find(self, key: str) -> connector.Refund | None:
        found = next((one for one in self.api.list("refunds", Refund) if _is(one, key)), None)
        return None if found is None else _told(key, found)

    def _of(self, payment: str) -> list[Refund]:
        return list(self.api.list("refunds", Refund, payment=payment))


def _is(refund: Refund, key: str) -> bool:
    return refund.metadata.get(REFUND) == key


def _told(key: str, refund: Refund) -> connector.Refund:
    state = _STATES.get(refund.status, "unknown")
    reason = refund.status if state in ("failed", "unknown") else ""
    return connector.Refund(key, state, refund.id, reason)
