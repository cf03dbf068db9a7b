"""Zabbix: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, ClassVar

import httpx
import pytest

from tallystick.connector import Broken, Pulled, Whole
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, status
from tallystick_zabbix import ZABBIX

from .service import TOKEN, Zabbix

SETTINGS = {"url": "https://zabbix.example/zabbix", "token": TOKEN}


class TestKit(ConnectorContract):
    connector = ZABBIX
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "groups and hosts are read whole; problems are tested below",
    }

    def vendor(self) -> httpx.BaseTransport:
        return Zabbix()


KIT = TestKit()


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


def test_only_groups_of_clients_are_clients() -> None:
    *groups, mark = items(Zabbix(), "client")
    assert [KIT.record("client", one.raw).name for one in groups] == [
        "Acme Dental",
        "Zeppelin Logistics",
    ]
    assert mark == Whole()


def test_717_hosts_come_some_at_a_time() -> None:
    *hosts, mark = items(Zabbix(hosts=717), "asset")
    assert [one.raw["hostid"] for one in hosts] == [str(10000 + n) for n in range(717)]
    assert mark == Whole()


def test_a_host_becomes_an_asset() -> None:
    [first, *_] = items(Zabbix(), "asset")
    asset = KIT.record("asset", first.raw)
    assert (asset.id, asset.client, asset.name, asset.type) == (
        "10000",
        "20",
        "PC-10000",
        "workstation",
    )
    assert (asset.serial, asset.mac, asset.status) == ("SER-10000", None, "monitored")


def test_a_host_without_an_inventory_is_an_asset_too() -> None:
    zabbix = Zabbix(hosts=1)
    zabbix.hosts[0]["inventory"] = []
    [host, _] = items(zabbix, "asset")
    assert KIT.record("asset", host.raw).serial is None


def test_a_host_of_two_clients_is_set_aside_and_one_of_none_is_nobodys() -> None:
    zabbix = Zabbix()
    zabbix.hosts[0]["groups"] = zabbix.groups[1:]
    zabbix.hosts[1]["groups"] = zabbix.groups[:1]
    both, none, mine, _ = items(zabbix, "asset")
    assert isinstance(both, Broken) and "two clients" in both.what
    assert KIT.record("asset", none.raw).client is None
    assert KIT.record("asset", mine.raw).client == "20"


def test_problems_come_once_in_their_order() -> None:
    zabbix = Zabbix(problems=1200)
    *rows, mark = items(zabbix, "ticket")
    assert [row.raw["eventid"] for row in rows] == [str(n) for n in range(1, 1201)]
    assert items(zabbix, "ticket", mark.token) == [mark]
    zabbix.problems.append(zabbix._problem(1201))
    [new, mark] = items(zabbix, "ticket", mark.token)
    assert new.raw["eventid"] == "1201" and json.loads(mark.token)["last"] == 1201
    ticket = KIT.record("ticket", new.raw)
    assert (ticket.asset, ticket.priority, ticket.status) == ("10000", "high", "open")
    assert ticket.title == "PC-10000: Disk C: is full"


def test_a_problem_that_is_over_is_told_once_more_with_its_end() -> None:
    zabbix = Zabbix(problems=700)
    mark = items(zabbix, "ticket")[-1]
    zabbix.solve(3, "1756103600")
    zabbix.problems = [one for one in zabbix.problems if one["eventid"] != "4"]  # housekeeping
    [over, mark] = items(zabbix, "ticket", mark.token)
    ticket = KIT.record("ticket", over.raw)
    assert (ticket.id, ticket.status) == ("3", "closed")
    assert ticket.closed_at == ticket.opened_at + timedelta(hours=1)
    assert items(zabbix, "ticket", mark.token) == [mark]
    assert {"3", "4"}.isdisjoint(json.loads(mark.token)["open"])


def test_a_problem_that_was_over_at_the_first_look_says_so() -> None:
    zabbix = Zabbix(problems=2)
    zabbix.solve(1, "1756103600")
    *rows, mark = items(zabbix, "ticket")
    assert [KIT.record("ticket", row.raw).status for row in rows] == ["closed", "open"]
    assert json.loads(mark.token) == {"last": 2, "open": ["2"]}


def test_a_token_that_is_no_good_stops_though_the_status_is_200() -> None:
    class Wrong(TestKit):
        settings: ClassVar = {**SETTINGS, "token": "wrong-canary"}

    with Wrong().session(Zabbix()) as session, pytest.raises(Stop, match="API token") as caught:
        session.whoami()
    assert "wrong-canary" not in str(caught.value)


def test_what_zabbix_refuses_otherwise_is_told_in_its_words() -> None:
    zabbix = Zabbix()
    zabbix.refused = "No such method"
    with KIT.session(zabbix) as session, pytest.raises(SkipRecord, match="No such method"):
        session.whoami()


def test_a_list_that_breaks_off_is_never_taken_for_whole() -> None:
    found: list[Any] = []
    with (
        KIT.session(Faulty(Zabbix(hosts=1200), status(503), first=2)) as session,
        pytest.raises(Retry),
    ):
        found.extend(session.pull("asset", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
    assert len([one for one in found if isinstance(one, Pulled)]) == 500
    assert not any(isinstance(one, Whole) for one in found)
