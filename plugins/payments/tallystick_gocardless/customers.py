"""Customers at GoCardless for our clients: each made once, known by our ref in its metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tallystick.connector import Pulled, Raw, Ref
from tallystick.errors import Retry
from tallystick_gocardless.objects import Customer
from tallystick_gocardless.wire import Api, Conflict

CLIENT: Final = "tallystick_client"


@dataclass(slots=True)
class Customers:
    """The customers of one account."""

    api: Api
    _known: dict[str, Customer] = field(default_factory=dict)
    """By our ref; filled by the first search."""

    def pull(self) -> Iterator[Pulled]:
        for customer in self.api.list("customers", Customer):
            yield Pulled(client_of(customer), f"customer {customer.id}")

    def push(self, raw: Raw, key: str) -> Ref:
        """Have the client with the ref `key` as a customer, with name and e-mail as in `raw`."""
        return _ref(self.ensure(key, str(raw["name"]), raw.get("email")))

    def find(self, key: str) -> Ref | None:
        customer = self._search(key)
        return None if customer is None else _ref(customer)

    def ensure(self, client: str, name: str, email: str | None) -> Customer:
        wanted: dict[str, Any] = {"company_name": name, **({"email": email} if email else {})}
        known = self._search(client)
        if known is None:
            made = self._create(client, {**wanted, "metadata": {CLIENT: client}})
        elif (known.company_name, known.email) != (name, email):
            made = self.api.update("customers", known.id, wanted, Customer)
        else:
            return known
        self._known[client] = made
        return made

    def _create(self, client: str, wanted: dict[str, Any]) -> Customer:
        try:
            return self.api.create("customers", wanted, Customer, key=_key(client))
        except Conflict as conflict:
            found = self.api.get("customers", conflict.made, Customer)
            if found is None or found.metadata.get(CLIENT) != client:
                raise Retry(
                    f"GoCardless made another customer under this key: {conflict.made}.",
                    do="Look at it in GoCardless' dashboard; it is tried again at the next run.",
                    connection=self.api.connection,
                    record="client",
                    ref=client,
                ) from None
            return found

    def _search(self, client: str) -> Customer | None:
        if client not in self._known:
            for customer in self.api.list("customers", Customer):
                if CLIENT in customer.metadata:
                    self._known.setdefault(customer.metadata[CLIENT], customer)
        return self._known.get(client)


def client_of(customer: Customer) -> dict[str, Any]:
    """The fields of our client record."""
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


def _key(client: str) -> str:
    """A ref may have any character, a key in a header may not."""
    return f"client-{hashlib.sha256(client.encode()).hexdigest()[:32]}"


def _ref(customer: Customer) -> Ref:
    return Ref(customer.id, client_of(customer))
