"""Mandates as our own.

GoCardless cannot list what changed, only what was made since: mandates, and customers too, are read
whole at each pull, a request per 500 of them; what is unchanged is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from tallystick.connector import Broken, Pulled
from tallystick_gocardless.customers import CLIENT
from tallystick_gocardless.objects import Customer, Event, Mandate
from tallystick_gocardless.settings import SCHEMES
from tallystick_gocardless.wire import Api

REVOKED: Final = {
    "cancelled": "cancelled",
    "failed": "failed",
    "expired": "expired",
    "consumed": "consumed",
    "blocked": "blocked",
    "suspended_by_payer": "suspended_by_payer",
}
"""The states in which nothing is collected under a mandate, and the event that begins each."""


@dataclass(frozen=True, slots=True)
class Mandates:
    """The mandates of one account."""

    api: Api

    def pull(self) -> Iterator[Pulled | Broken]:
        mandates = list(self.api.list("mandates", Mandate))
        customers = self.api.list("customers", Customer) if mandates else ()
        payers = {one.id: one for one in customers}
        ended = self._ended({one.status for one in mandates} & REVOKED.keys())
        for mandate in mandates:
            place = f"mandate {mandate.id}"
            if mandate.scheme not in SCHEMES:
                what = f"Nobody here knows the scheme {mandate.scheme}."
                do = "Ask for a version of Tallystick that does."
                yield Broken(place, what, do, {"id": mandate.id, "scheme": mandate.scheme})
                continue
            yield Pulled(_mandate(mandate, payers, ended), place)

    def _ended(self, states: set[str]) -> dict[str, date]:
        """The day of the latest event that ended each mandate which is in one of `states`."""
        found: dict[str, date] = {}
        for state in sorted(states):
            for event in self.api.list(
                "events", Event, resource_type="mandates", action=REVOKED[state]
            ):
                mandate = event.links.get("mandate", "")
                found[mandate] = max(found.get(mandate, date.min), _day(event.created_at))
        return found


def _mandate(
    mandate: Mandate, payers: dict[str, Customer], ended: dict[str, date]
) -> dict[str, Any]:
    """A customer that was made from here names our client."""
    customer = payers.get(mandate.links.get("customer", ""))
    payer = mandate.links.get("customer", "")
    signed_on = _day(mandate.created_at)
    revoked = mandate.status in REVOKED
    return {
        "id": mandate.id,
        "client": customer.metadata.get(CLIENT, payer) if customer else payer,
        "scheme": SCHEMES[mandate.scheme],
        "payer": payer,
        "holder": customer.name if customer else payer,
        "signed_on": signed_on,
        "revoked_on": ended.get(mandate.id, signed_on) if revoked else None,
    }


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).date()
