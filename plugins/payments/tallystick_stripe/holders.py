"""Stripe's customers as clients, and their payment methods as mandates. Pure.

A customer that Tallystick made carries our client's ref, which its mandates then name as theirs.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from msgspec import Struct

from tallystick.records import Client, Mandate, Scheme
from tallystick_stripe.settings import SCHEMES

CLIENT: Final = "tallystick_client"
"""Our ref of the client in a customer's metadata."""
_SCHEME: Final[dict[str, Scheme]] = {kind: scheme for scheme, kind in SCHEMES.items()}


class Customer(Struct):
    id: str
    name: str | None = None
    email: str | None = None
    metadata: dict[str, str] = {}
    deleted: bool = False


class Billing(Struct):
    name: str | None = None


class Card(Struct):
    exp_month: int
    exp_year: int


class Method(Struct):
    id: str
    type: str
    created: int
    customer: str | None = None
    billing_details: Billing | None = None
    card: Card | None = None


def client_of(customer: Customer) -> Client:
    name = customer.name or customer.email or customer.id
    return Client(id=customer.id, name=name, email=customer.email)


def mandate_of(
    method: Method, customer: Customer, revoked_on: date | None = None
) -> Mandate | None:
    """None for a payment method that is not collected from here.

    A card's last month counts to its end; it `expires_on` the first day after.
    """
    scheme = _SCHEME.get(method.type)
    if scheme is None:
        return None
    billed = method.billing_details and method.billing_details.name
    return Mandate(
        id=method.id,
        client=customer.metadata.get(CLIENT, customer.id),
        scheme=scheme,
        payer=customer.id,
        holder=billed or customer.name or customer.email or customer.id,
        signed_on=datetime.fromtimestamp(method.created, UTC).date(),
        revoked_on=revoked_on,
        expires_on=_after(method.card) if method.card else None,
    )


def _after(card: Card) -> date:
    years, month = divmod(card.exp_month, 12)
    return date(card.exp_year + years, month + 1, 1)
