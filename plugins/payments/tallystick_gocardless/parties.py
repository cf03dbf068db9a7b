"""Customers and mandates as our clients and mandates.

GoCardless cannot list what changed, only what was made since: both are read whole at each pull,
which costs a request per 500 of them; what is unchanged is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from tallystick.connector import Broken, Pulled
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
class Parties:
    """Who pays over one account."""

    api: Api

    def clients(self) -> Iterator[Pulled | Broken]:
        for customer in self.api.list("customers", Customer):
            yield Pulled(_client(customer), f"customer {customer.id}")

    def mandates(self) -> Iterator[Pulled | Broken]:
        mandates = list(self.api.list("mandates", Mandate))
        customers = self.api.list("customers", Customer) if mandates else ()
        names = {one.id: one.name for one in customers}
        ended = self._ended({one.status for one in mandates} & REVOKED.keys())
        for mandate in mandates:
            place = f"mandate {mandate.id}"
            if mandate.scheme not in SCHEMES:
                what = f"Nobody here knows the scheme {mandate.scheme}."
                do = "Ask for a version of Tallystick that does."
                yield Broken(place, what, do, {"id": mandate.id, "scheme": mandate.scheme})
                continue
            yield Pulled(_mandate(mandate, names, ended), place)

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


def _client(customer: Customer) -> dict[str, Any]:
    lines = (customer.address_line1, customer.address_line2, customer.address_line3)
    values = {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "street": ", ".join(line for line in lines if line) or None,
        "postcode": customer.postal_code,
        "city": customer.city,
        "region": customer.region,
        "country": customer.country_code,
        "language": customer.language,
    }
    return {name: value for name, value in values.items() if value}


def _mandate(mandate: Mandate, names: dict[str, str], ended: dict[str, date]) -> dict[str, Any]:
    customer = mandate.links.get("customer", "")
    signed_on = _day(mandate.created_at)
    revoked = mandate.status in REVOKED
    return {
        "id": mandate.id,
        "client": customer,
        "scheme": SCHEMES[mandate.scheme],
        "payer": customer,
        "holder": names.get(customer) or customer,
        "signed_on": signed_on,
        "revoked_on": ended.get(mandate.id, signed_on) if revoked else None,
    }


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).date()
