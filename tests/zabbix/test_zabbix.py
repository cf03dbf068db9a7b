"""Zabbix: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx
import pytest

from tallystick.connector import Broken, Cursor, Pulled, Whole
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
    assert len(rows) == 1200 and mark == Cursor("1200")
    assert items(zabbix, "ticket", "1200") == [Cursor("1200")]
    zabbix.problems.append(zabbix._problem(1201))
    [new, mark] = items(zabbix, "ticket", "1200")
    assert (new.raw["eventid"], mark) == ("1201", Cursor("1201"))
    ticket = KIT.record("ticket", new.raw)
    assert (ticket.asset, ticket.priority) == ("10000", "high")


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
