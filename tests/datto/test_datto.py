"""Datto RMM: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import ValidationError

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry, Stop
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, status
from tallystick.transport import repeating
from tallystick.transport.client import Way
from tallystick_datto import DATTO
from tallystick_datto.settings import LIMITS, DattoSettings

from .service import HOST, Account, alert, device

SETTINGS = {"platform": "merlot", "api_key": "KEY", "api_secret": "s3cret-canary"}
WHOLE = "Datto tells no changes: sites, devices and open alerts are read whole"


class TestKit(ConnectorContract):
    connector = DATTO
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {"since_narrows": WHOLE}

    def vendor(self) -> httpx.BaseTransport:
        return Account()


KIT = TestKit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull(kind, since))


def rows(found: list[Any]) -> list[Any]:
    return [item.raw for item in found if isinstance(item, Pulled)]


def test_all_717_devices_come_though_a_page_has_100_of_250() -> None:
    found = items(Account(717), "asset")
    assert [row["uid"] for row in rows(found)] == [f"d-{n}" for n in range(1, 718)]
    assert isinstance(found[-1], Whole)


def test_a_device_becomes_an_asset_and_keeps_its_private_fields() -> None:
    [row] = rows(items(Account(1), "asset"))
    asset = KIT.record("asset", row)
    assert (asset.id, asset.client, asset.name) == ("d-1", "s-1", "PC-001")
    assert (asset.type, asset.group, asset.status) == ("Laptop", "device", "managed")
    assert str(asset.last_seen_at) == "2026-09-21 14:13:20.123000+00:00"
    assert "BITLOCKER" not in json.dumps(row)


def test_what_was_deleted_is_neither_a_client_nor_a_device() -> None:
    account = Account(2)
    account.devices.append(device(3, deleted=True, siteUid="s-3"))
    assert [row["uid"] for row in rows(items(account, "asset"))] == ["d-1", "d-2"]
    assert [row["name"] for row in rows(items(account, "client"))] == [
        "Acme Dental LLC",
        "Zeppelin Logistics",
    ]


def test_words_of_an_enumeration_nobody_knows_come_through() -> None:
    account = Account(1)
    account.devices[0]["deviceClass"] = "quantumtoaster"
    account.open = [alert(1, priority="Apocalyptic")]
    [asset] = rows(items(account, "asset"))
    assert KIT.record("asset", asset).group == "quantumtoaster"
    [ticket] = rows(items(account, "ticket"))
    assert KIT.record("ticket", ticket).priority == "Apocalyptic"


@pytest.mark.parametrize("broken", [{"uid": 602}, {"lastSeen": "yesterday"}, {"hostname": None}])
def test_one_item_of_the_wrong_type_is_set_aside_alone(broken: dict[str, Any]) -> None:
    account = Account(3)
    account.devices[1].update(broken)
    found = rows(items(account, "asset"))
    good = [row for row in found if KIT.read("asset", KIT.reader("asset"), row)]
    assert [row["uid"] for row in good] == ["d-1", "d-3"] and len(found) == 3


def test_an_item_that_is_no_object_is_set_aside_alone() -> None:
    account = Account(3)
    account.devices[1] = "d-2"
    found = items(account, "asset")
    assert [row["uid"] for row in rows(found)] == ["d-1", "d-3"]
    assert [one.place for one in found if isinstance(one, Broken)] == ["device without uid"]


def test_a_page_without_its_details_is_no_end_of_a_list() -> None:
    class Bare(Account):
        def _page(self, *given: Any) -> tuple[int, Any]:
            code, body = super()._page(*given)
            return code, {"devices": body["devices"]}

    with pytest.raises(Retry, match="without `devices` and `pageDetails`"):
        items(Bare(3), "asset")


def test_a_link_to_another_host_is_not_followed() -> None:
    class Elsewhere(Account):
        def _page(self, *given: Any) -> tuple[int, Any]:
            code, body = super()._page(*given)
            body["pageDetails"]["nextPageUrl"] = "https://evil.example/api/v2/account/devices"
            return code, body

    with pytest.raises(Stop, match=r"evil\.example"):
        items(Elsewhere(3), "asset")


def test_an_alert_becomes_a_ticket_of_its_device_in_words() -> None:
    first, second = (KIT.record("ticket", row) for row in rows(items(Account(), "ticket")))
    assert (first.client, first.asset, first.type) == ("s-1", "d-1", "perf disk usage")
    assert (first.title, second.title) == ("PC-001: perf disk usage", "PC-001: Service stopped")
    assert (first.status, first.closed_at) == ("open", None)


def test_an_alert_that_ended_is_told_once_more_with_its_end() -> None:
    account = Account()
    token = items(account, "ticket")[-1].token
    ended = account.open.pop(0)
    account.resolved.append({**ended, "resolved": True, "resolvedOn": 1_790_000_600_000})
    found = items(account, "ticket", token)
    tickets = {row["alertUid"]: KIT.record("ticket", row) for row in rows(found)}
    assert (tickets["a-1"].status, tickets["a-2"].status) == ("closed", "open")
    assert tickets["a-1"].closed_at - tickets["a-1"].opened_at == timedelta(minutes=10)
    again = items(account, "ticket", found[-1].token)
    assert [row["alertUid"] for row in rows(again)] == ["a-2"]


def test_an_alert_nobody_remembers_is_no_reason_to_stop() -> None:
    account = Account()
    found = items(account, "ticket", json.dumps(["a-0"]))
    assert [row["alertUid"] for row in rows(found)] == ["a-1", "a-2"]
    assert found[-1] == Cursor('["a-1", "a-2"]')


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    account, seen = Account(717), []
    with session(account) as opened:
        for item in opened.pull("asset", None):
            seen.append(item)
            if len(seen) == 50:
                account.refusing.add("token-1")
    assert (len(seen), account.tokens) == (718, 2)


def test_a_wrong_secret_stops_with_one_sentence() -> None:
    class Wrong(TestKit):
        settings: ClassVar = {**SETTINGS, "api_secret": "wrong-canary"}

    with Wrong().session(Account()) as opened, pytest.raises(Stop) as caught:
        opened.whoami()
    assert "wrong-canary" not in str(caught.value)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(repeating, "sleep", slept.append)
    return slept


def test_429_is_waited_for_as_long_as_datto_says(tmp_path: Path, waits: list[float]) -> None:
    busy = Faulty(Account(), status(429, **{"retry-after": "1"}), times=1)
    client = Way("datto", tmp_path, transport=busy).open(HOST, LIMITS)
    client.headers["authorization"] = "Bearer token-0"
    assert client.get("/api/v2/account").is_success
    assert busy.asked == 2 and any(1 <= one <= 2 for one in waits)


def test_403_is_never_asked_again(tmp_path: Path, waits: list[float]) -> None:
    blocked = Faulty(Account(), status(403))
    client = Way("datto", tmp_path, transport=blocked).open(HOST, LIMITS)
    with pytest.raises(Stop):
        client.get("/api/v2/account")
    assert (blocked.asked, waits) == (1, [])


@pytest.mark.parametrize("wrong", [{"base_url": "https://evil.example"}, {"platform": "us"}])
def test_a_host_is_one_of_dattos_or_on_this_machine(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        DattoSettings.model_validate({**SETTINGS, **wrong})
    there = DattoSettings.model_validate({**SETTINGS, "base_url": "http://127.0.0.1:8420"})
    assert there.url == "http://127.0.0.1:8420"
