"""The conformance kit, against our strict GoCardless in the vendor's place."""

from __future__ import annotations

from typing import ClassVar

import httpx
from tests.transport.vendor import Asked

from tallystick.testing.contract import ConnectorContract
from tallystick_gocardless import GOCARDLESS

from .fake import TOKEN, World

WHOLE = "GoCardless cannot list what changed; customers and mandates are read whole each time"


class Vendor(httpx.BaseTransport):
    """The fake, without sockets."""

    def __init__(self) -> None:
        self.world = World()
        links = {"customer": "CU001", "creditor": "CR001"}
        self.world.add("creditors", id="CR001", name="Tally MSP")
        self.world.add("customers", company_name="Harbour Ltd", email="ap@harbour.example")
        self.world.add("mandates", id="MD001", scheme="bacs", status="active", links=links)
        paid = {"amount": 119_00, "currency": "GBP", "status": "paid_out"}
        self.world.add("payments", **paid, links={"mandate": "MD001"})
        out = {"amount": 118_80, "currency": "GBP", "status": "paid", "reference": "TALLY-1"}
        at = "2026-08-01T10:00:00.000Z"
        self.world.add("payouts", id="PO1", **out, links={"creditor": "CR001"}, created_at=at)
        self.world.items["PO1"] = [
            {"type": "payment_paid_out", "amount": "11900.0", "links": {"payment": "PM001"}},
            {"type": "gocardless_fee", "amount": "-20.0", "links": {"payment": "PM001"}},
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, headers = request.url, {name.lower(): one for name, one in request.headers.items()}
        query = dict(url.params.items())
        answer = self.world(Asked(0.0, request.method, url.path, query, headers, request.read()))
        headers = {"content-type": "application/json", **answer.headers}
        return httpx.Response(answer.status, headers=headers, content=answer.body)


class TestGoCardless(ConnectorContract):
    connector = GOCARDLESS
    settings: ClassVar = {"access_token": TOKEN}
    pushes: ClassVar = {"client": {"name": "Anchor Ltd", "email": "ap@anchor.example"}}
    exempt: ClassVar = {
        "since_narrows": WHOLE,
        "everything_it_writes_is_tried": "a collection is asked for, not pushed: test_collecting",
    }

    def vendor(self) -> httpx.BaseTransport:
        return Vendor()

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Vendor) and not vendor.world.violations
        return vendor.world.counted("customers") - 1

    def conforms(self, request: httpx.Request) -> None:
        vendor = Vendor()
        vendor.handle_request(request)
        assert vendor.world.violations == []
