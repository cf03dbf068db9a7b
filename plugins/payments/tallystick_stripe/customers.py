"""Customers, and what they have on file: read whole once, then by what changed.

A detached payment method is in no list: only its event tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import stripe
from msgspec.structs import asdict
from stripe import StripeClient

from tallystick.connector import Broken, Cursor, Pulled, Raw, Ref, Whole
from tallystick.records import Record
from tallystick_stripe.changes import Change, Clock, changes, covered, start
from tallystick_stripe.holders import CLIENT, Customer, Method, client_of, mandate_of
from tallystick_stripe.paging import each, pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.wire import read, seen

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams

_CHANGES: Final = {
    "client": ("customer.created", "customer.updated"),
    "mandate": (
        "payment_method.attached",
        "payment_method.detached",
        "payment_method.updated",
        "payment_method.automatically_updated",
    ),
}


@dataclass(slots=True)
class Customers:
    client: StripeClient
    connection: str
    _known: dict[str, Customer] = field(default_factory=dict)
    """By our ref; filled by the first search."""

    def pull(
        self, record: str, since: str | None, begun: Clock
    ) -> Iterator[Pulled | Broken | Cursor | Whole]:
        """Records of kind `record`: all of them, then those that an event names, as they are."""
        begin = start(since, begun)
        if begin is None:
            unread = False
            for one in self._all(record):
                unread |= isinstance(one, Broken)
                yield one
            if not unread:  # what stands behind one that was not read is not gone
                yield Whole()
        else:
            yield from self._changed(record, begin)
        yield covered(begun)

    def push(self, raw: Raw, key: str) -> Ref:
        """Have the client with the ref `key` as a customer, with name and e-mail as in `raw`."""
        name, email = str(raw["name"]), raw.get("email")
        customer = self.ensure(key, name, email)
        if (customer.name, customer.email) != (name, email):
            with told(About(self.connection, "client", key)):
                answer = self.client.v1.customers.update(
                    customer.id, {"name": name, "email": email or ""}
                )
                customer = self._known[key] = seen(answer, Customer)
        return self._ref(customer)

    def find(self, key: str) -> Ref | None:
        customer = self._search(key)
        return None if customer is None else self._ref(customer)

    def ensure(self, client: str, name: str, email: str | None) -> Customer:
        """The customer of our client, made where there is none; one that is there stays."""
        known = self._search(client)
        if known is not None:
            return known
        wanted: CustomerCreateParams = {"name": name, "metadata": {CLIENT: client}}
        if email:
            wanted["email"] = email
        with told(About(self.connection, "client", client)):
            answer = self.client.v1.customers.create(
                wanted, {"idempotency_key": f"client-{client}"}
            )
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

    def _all(self, record: str) -> Iterator[Pulled | Broken]:
        found = pages(self.client.v1.customers.list, About(self.connection, record))
        for customer in each(found, Customer, "customer"):
            if isinstance(customer, Broken):
                yield customer
            elif record == "client":
                yield _pulled(client_of(customer), f"customer {customer.id}")
            else:
                yield from self._methods_of(customer)

    def _methods_of(self, customer: Customer) -> Iterator[Pulled | Broken]:
        listed = partial(self.client.v1.customers.payment_methods.list, customer.id)
        found = pages(listed, About(self.connection, "mandate", customer.id))
        for method in each(found, Method, "payment method"):
            if isinstance(method, Broken):
                yield method
            else:
                yield from _mandate(method, customer)

    def _changed(self, record: str, since: int) -> Iterator[Pulled]:
        for change in changes(self.client, self.connection, _CHANGES[record], since):
            id_ = change.data.object.id
            if record == "mandate":
                yield from self._method(id_, change)
            elif customer := self._customer(id_):
                yield _pulled(client_of(customer), f"customer {id_}")

    def _method(self, id_: str, change: Change) -> Iterator[Pulled]:
        with told(About(self.connection, "mandate", id_)):
            method = seen(self.client.v1.payment_methods.retrieve(id_), Method)
        before = change.data.previous_attributes
        owner = method.customer or (before and before.customer)
        if owner:
            detached = None if method.customer else _day(change.created)
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
