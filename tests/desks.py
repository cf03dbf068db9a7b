"""What the tests of the service desks have in common."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import httpx

from tallystick.connector import Cursor, Pulled, Raw, Whole
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Answer


def status_of(client: str, currency: str) -> Raw:
    """How far an invoice of `client`, the home's ref of the desk's own 2, is paid."""
    return {
        "id": "INV-7",
        "client": client,
        "client_id": "2",
        "status": "part_paid",
        "settled": Decimal("100.00"),
        "open": Decimal("19.00"),
        "currency": currency,
    }


def tell_as_it_is_paid(kit: ConnectorContract, vendor: httpx.BaseTransport, told: Raw) -> None:
    """One ticket, whatever an invoice is told as and however often; another invoice has another."""
    paid = {**told, "status": "paid", "settled": Decimal("119.00"), "open": Decimal("0.00")}
    with kit.sink(vendor) as sink:
        first = sink.push("invoice_status", told, "INV-7:1")
        for _ in range(2):
            assert sink.push("invoice_status", paid, "INV-7:3").id == first.id
        assert sink.find("invoice_status", "INV-7:1") is None
        assert sink.push("invoice_status", {**told, "id": "INV-77"}, "INV-77:1").id != first.id


def tell_without(
    kit: ConnectorContract, vendor: httpx.BaseTransport, setting: str, told: Raw
) -> None:
    """As `kit`, but for one of its settings."""
    other = type("Other", (type(kit),), {"settings": {**kit.settings, setting: None}})()
    with other.sink(vendor) as sink:
        sink.push("invoice_status", told, "INV-7:1")


def heard(sent: list[Any], method: str, path: str = "") -> Answer:
    """No fault: keeps the bodies of requests by `method` to a path that ends in `path`."""

    def hear(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == method and request.url.path.endswith(path):
            sent.append(json.loads(request.content))
        return answered(request)  # type: ignore[no-any-return]  # what answers gives a response

    return hear


def ids(found: Sequence[Any]) -> list[Any]:
    return [one.raw["id"] for one in found if isinstance(one, Pulled)]


def breaks_off(kit: ConnectorContract, vendor: httpx.BaseTransport, kind: str) -> Exception | None:
    """How a list ends whose vendor fails in the middle of it; it is never taken for whole."""
    seen, error = kit.until_it_breaks(kind, vendor)
    assert not any(isinstance(one, Whole | Cursor) for one in seen)
    return error
