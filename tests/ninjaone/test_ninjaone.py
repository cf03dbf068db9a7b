"""NinjaOne: the kit's gold tier, each request and answer held against the vendor's document, and
the traps it is known for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx
import pytest
from tests.openapi import spec

from tallystick.connector import Broken, Pulled, Whole
from tallystick.errors import Retry, Stop
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, status
from tallystick_ninjaone import NINJAONE

from .service import Tenant

SETTINGS = {"region": "eu", "client_id": "abc", "client_secret": "s3cret-canary"}
WHOLE = "NinjaOne tells no changes: every list is read whole"


class Judged(httpx.BaseTransport):
    """The tenant, but for its login held against the vendor's document."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._judged = spec("ninjaone/openapi.yaml").judged(tenant)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        login = request.url.path == "/ws/oauth/token"
        return (self.tenant if login else self._judged).handle_request(request)


class TestKit(ConnectorContract):
    connector = NINJAONE
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {"since_narrows": WHOLE}

    def vendor(self) -> httpx.BaseTransport:
        return Judged(Tenant(3))

    def conforms(self, request: httpx.Request) -> None:
        if request.url.path != "/ws/oauth/token":
            spec("ninjaone/openapi.yaml").check_request(request)


KIT = TestKit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened


def pulled(vendor: httpx.BaseTransport, kind: str) -> tuple[list[Any], int]:
    with session(vendor) as opened:
        items = list(opened.pull(kind, None))
    rows = [item.raw for item in items if isinstance(item, Pulled)]
    return rows, sum(isinstance(item, Whole) for item in items)


def test_all_717_devices_come_with_their_serial_numbers() -> None:
    rows, whole = pulled(Judged(Tenant(717)), "asset")
    assert len(rows) == 717 and whole == 1
    assert [row["id"] for row in rows] == [3 * n for n in range(1, 718)]
    assert {row["system"]["serialNumber"] for row in rows} == {
        f"SER-{3 * n:05}" for n in range(1, 718)
    }


@pytest.mark.parametrize("given", [100, 239])
def test_a_page_that_is_cut_is_no_end_of_the_devices(given: int) -> None:
    tenant = Tenant(717)
    tenant.page_max = given
    rows, whole = pulled(Judged(tenant), "asset")
    assert [row["id"] for row in rows] == [3 * n for n in range(1, 718)] and whole == 1
    assert [row["system"]["serialNumber"] for row in rows] == [
        f"SER-{3 * n:05}" for n in range(1, 718)
    ]


def test_a_query_without_a_cursor_is_read_to_its_end() -> None:
    def whole_at_once(request: httpx.Request, answered: Any) -> httpx.Response:
        response: httpx.Response = answered(request)
        told = json.loads(response.read())
        if isinstance(told, dict):
            told.pop("cursor", None)
        return httpx.Response(response.status_code, json=told, request=request)

    rows, _ = pulled(Faulty(Tenant(3), whole_at_once), "asset")
    assert [row["system"]["serialNumber"] for row in rows] == [f"SER-{3 * n:05}" for n in (1, 2, 3)]


def test_a_query_whose_cursor_stands_still_stops_before_any_device_is_told() -> None:
    tenant = Tenant(717)
    tenant.cursor_moves = False
    with pytest.raises(Stop, match="goes in circles"):
        pulled(tenant, "asset")


def test_an_answer_without_its_list_is_never_taken_for_no_serial_numbers() -> None:
    def told(request: httpx.Request, answered: Any) -> httpx.Response:
        if "queries" not in request.url.path:
            return answered(request)  # type: ignore[no-any-return]  # what answers gives a response
        return httpx.Response(200, json={"message": "maintenance"}, request=request)

    with pytest.raises(Retry, match="no list"):
        pulled(Faulty(Tenant(3), told), "asset")


def test_a_device_becomes_an_asset() -> None:
    [row] = pulled(Judged(Tenant(1)), "asset")[0]
    asset = KIT.record("asset", row)
    assert (asset.id, asset.client, asset.name, asset.type) == ("3", "2", "PC-003", "workstation")
    assert (asset.serial, asset.mac) == ("SER-00003", "00:1B:44:11:00:03")
    assert str(asset.last_seen_at) == "2025-08-24 01:46:40.123000+00:00"


def test_an_alert_becomes_a_ticket_of_its_device() -> None:
    [row] = pulled(Judged(Tenant(1)), "ticket")[0]
    ticket = KIT.record("ticket", row)
    assert (ticket.asset, ticket.title) == ("3", "Disk C: is 97 % full")


def items(vendor: httpx.BaseTransport, since: str | None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull("ticket", since))


def test_an_alert_that_is_listed_no_more_is_over() -> None:
    tenant = Tenant(1)
    tenant.alerts[0]["device"] = {"systemName": "PC-003"}
    [first, mark] = items(tenant, None)
    assert KIT.record("ticket", first.raw).title == "PC-003: Disk C: is 97 % full"
    tenant.alerts.clear()
    [over, empty] = items(tenant, mark.token)
    before, after = KIT.record("ticket", first.raw), KIT.record("ticket", over.raw)
    assert (after.id, after.title, after.status) == (before.id, before.title, "closed")
    assert (after.opened_at, str(after.closed_at)) == (
        before.opened_at,
        "2026-09-01 12:00:00+00:00",
    )
    assert items(tenant, empty.token) == [empty]


def test_beside_an_alert_that_cannot_be_read_none_is_taken_for_over() -> None:
    tenant = Tenant(1)
    mark = items(tenant, None)[-1]
    tenant.alerts[0] = {"message": "without a uid"}
    [broken, kept] = items(tenant, mark.token)
    assert isinstance(broken, Broken) and kept == mark


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_list_that_breaks_off_is_never_taken_for_whole(pages: int) -> None:
    seen: list[Any] = []
    broken = Faulty(Tenant(717), status(503), first=1 + pages)
    with session(broken) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("asset", None))
    assert not any(isinstance(item, Whole) for item in seen)


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    tenant = Tenant(717)
    seen = []
    with session(tenant) as opened:
        for item in opened.pull("asset", None):
            seen.append(item)
            if len(seen) == 100:
                tenant.refusing.add("token-1")
    assert len(seen) == 718
    assert tenant.tokens == 2


def test_a_wrong_secret_stops_with_one_sentence() -> None:
    class Wrong(TestKit):
        settings: ClassVar = {**SETTINGS, "client_secret": "wrong-canary"}

    with Wrong().session(Tenant(1)) as opened, pytest.raises(Stop) as caught:
        opened.whoami()
    assert "wrong-canary" not in str(caught.value)


def test_a_class_of_device_nobody_knows_is_set_aside_alone() -> None:
    tenant = Tenant(3)
    tenant.devices[1]["nodeClass"] = "QUANTUM_TOASTER"
    rows, _ = pulled(tenant, "asset")
    good = [row for row in rows if KIT.read("asset", KIT.reader("asset"), row)]
    assert [row["id"] for row in good] == [3, 9]
