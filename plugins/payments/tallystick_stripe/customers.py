"""Customers, and what they have on file: read whole once, then by what Stripe says changed.

Stripe's lists filter by creation only, so a changed name or a detached card shows in none of them.
Its events tell, for 30 days (docs.stripe.com/api/events); after a longer pause everything is read
again. A detached payment method is in no list: only its event tells of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import stripe
from msgspec import Struct
from msgspec.structs import asdict
from stripe import StripeClient

from tallystick.connector import Cursor, Pulled, Raw, Ref
from tallystick.records import Record
from tallystick_stripe.holders import CLIENT, Customer, Method, client_of, mandate_of
from tallystick_stripe.paging import pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.wire import read, seen

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams

TOLD_FOR: Final = timedelta(days=29)
LOOKBACK_SECONDS: Final = 300
"""An event shows in the list a little after what it tells of."""
_CHANGES: Final = {
    "client": ("customer.created", "customer.updated"),
    "mandate": (
        "payment_method.attached",
        "payment_method.detached",
        "payment_method.updated",
        "payment_method.automatically_updated",
    ),
}


class _About(Struct):
    id: str


class _Before(Struct):
    customer: str | None = None


class _Data(Struct):
    object: _About
    previous_attributes: _Before | None = None


class _Event(Struct):
    id: str
    type: str
    created: int
    data: _Data


@dataclass(slots=True)
class Customers:
    client: StripeClient
    connection: str
    _known: dict[str, Customer] = field(default_factory=dict)
    """By our ref; filled by the first search."""

    def pull(self, record: str, since: str | None, now: datetime) -> Iterator[Pulled | Cursor]:
        """Records of kind `record`; the token is up to when Stripe's events are covered."""
        token = json.loads(since)["until"] if since else 0
        if now.timestamp() - token > TOLD_FOR.total_seconds():
            yield from self._all(record)
        else:
            yield from self._changed(record, token - LOOKBACK_SECONDS)
        yield Cursor(json.dumps({"until": int(now.timestamp())}))

    def push(self, raw: Raw, key: str) -> Ref:
        """Have the client with the ref `key` as a customer, with name and e-mail as in `raw`."""
        return self._ref(self.ensure(key, str(raw["name"]), raw.get("email")))

    def find(self, key: str) -> Ref | None:
        customer = self._search(key)
        return None if customer is None else self._ref(customer)

    def ensure(self, client: str, name: str, email: str | None) -> Customer:
        about = About(self.connection, "client", client)
        known = self._search(client)
        if known is not None and (known.name, known.email) == (name, email):
            return known
        customers = self.client.v1.customers
        with told(about):
            if known is not None:
                answer = customers.update(known.id, {"name": name, "email": email or ""})
            else:
                wanted: CustomerCreateParams = {"name": name, "metadata": {CLIENT: client}}
                if email:
                    wanted["email"] = email
                answer = customers.create(wanted, {"idempotency_key": f"client-{client}"})
            self._known[client] = seen(answer, Customer)
        return self._known[client]

    def _search(self, client: str) -> Customer | None:
        """By metadata; the list shows what was just made, which Stripe's search does not."""
        if client not in self._known:
            for customer in self._customers():
                if CLIENT in customer.metadata:
                    self._known.setdefault(customer.metadata[CLIENT], customer)
        return self._known.get(client)

    def _ref(self, customer: Customer) -> Ref:
        return Ref(customer.id, asdict(client_of(customer)))

    def _customers(self) -> Iterator[Customer]:
        for raw in pages(self.client.v1.customers.list, About(self.connection, "client")):
            yield read(raw, Customer)

    def _all(self, record: str) -> Iterator[Pulled]:
        for customer in self._customers():
            if record == "client":
                yield _pulled(client_of(customer), f"customer {customer.id}")
                continue
            listed = partial(self.client.v1.customers.payment_methods.list, customer.id)
            for raw in pages(listed, About(self.connection, record, customer.id)):
                yield from _mandate(read(raw, Method), customer)

    def _changed(self, record: str, since: int) -> Iterator[Pulled]:
        """Whatever an event names as it is now; what came first is what is told last."""
        done: set[str] = set()
        for event in self._events(_CHANGES[record], since):
            id_ = event.data.object.id
            if id_ in done:
                continue
            done.add(id_)
            if record == "client":
                customer = self._customer(id_)
                if customer is not None:
                    yield _pulled(client_of(customer), f"customer {id_}")
            else:
                yield from self._method(id_, event)

    def _method(self, id_: str, event: _Event) -> Iterator[Pulled]:
        with told(About(self.connection, "mandate", id_)):
            method = seen(self.client.v1.payment_methods.retrieve(id_), Method)
        before = event.data.previous_attributes
        owner = method.customer or (before and before.customer)
        if owner:
            detached = None if method.customer else _day(event.created)
            yield from _mandate(method, self._customer(owner) or Customer(owner), detached)

    def _customer(self, id_: str) -> Customer | None:
        with told(About(self.connection, "client", id_)):
            try:
                customer = seen(self.client.v1.customers.retrieve(id_), Customer)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
                return None
        return None if customer.deleted else customer

    def _events(self, kinds: Sequence[str], since: int) -> Iterator[_Event]:
        about = About(self.connection, "event")
        created = {"gte": since}
        for raw in pages(self.client.v1.events.list, about, types=list(kinds), created=created):
            yield read(raw, _Event)


def _mandate(
    method: Method, customer: Customer, revoked_on: date | None = None
) -> Iterator[Pulled]:
    mandate = mandate_of(method, customer, revoked_on)
    if mandate is not None:
        yield _pulled(mandate, f"payment method {method.id}")


def _pulled(record: Record, place: str) -> Pulled:
    return Pulled(asdict(record), place)


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
