"""The conformance kit, against our strict Stripe in the vendor's place, without sockets."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import httpx

import tallystick_stripe
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.reach import NOW

from . import spec
from .api import Api
from .conftest import KEY, WEBHOOK_SECRET
from .form import parsed
from .world import World

[STRIPE] = tallystick_stripe.tallystick_connectors()


class Vendor(httpx.BaseTransport):
    """An account that was used two days ago."""

    def __init__(self) -> None:
        self.now = NOW - timedelta(days=2)
        self.api = Api(World(lambda: int(self.now.timestamp())), KEY)
        world = self.api.world
        customer = world.customer(name="Contoso", email="ap@contoso.example")["id"]
        method = world.method(customer)["id"]
        paid = {"amount": "11900", "currency": "eur", "customer": customer}
        paid |= {"payment_method": method, "metadata": {"tallystick_attempt": "INV-1-1"}}
        intent = self.api.do_payment_intents(
            {**paid, "allowed_payment_method_types": ["card"], "confirm": "true"}
        )
        world.dispute(intent)
        world.pay_out()
        self.now = NOW
        world.bill_fee(100)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read().decode() if request.method == "POST" else request.url.query.decode()
        headers = {name.lower(): one for name, one in request.headers.items()}
        answer = self.api.answer(request.method.lower(), request.url.path, headers, parsed(body))
        return httpx.Response(answer.status, json=answer.body)


class TestStripe(ConnectorContract):
    connector = STRIPE
    settings: ClassVar = {"key": KEY, "webhook_secret": WEBHOOK_SECRET}
    pushes: ClassVar = {"client": {"name": "Anchor Ltd", "email": "ap@anchor.example"}}
    exempt: ClassVar = {
        "everything_it_writes_is_tried": "a collection is asked for, not pushed: test_collecting",
    }

    def vendor(self) -> httpx.BaseTransport:
        return Vendor()

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Vendor)
        return len(vendor.api.world.store["customer"]) - 1

    def conforms(self, request: httpx.Request) -> None:
        body = request.read().decode() if request.method == "POST" else request.url.query.decode()
        wrong = spec.check_request(request.method.lower(), request.url.path, parsed(body))
        assert not wrong, wrong
