"""Problems of a real Zabbix become tickets of a real Redmine, one each, and close with them.

Zabbix' own server is not started: what it would write of a problem is written into its database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tallystick.connector import Sink
from tallystick.engine.installation import open_installation

from . import real_redmine, real_zabbix
from .real_redmine import RealRedmine
from .real_zabbix import RealZabbix

LACKING = real_redmine.missing() or real_zabbix.missing()
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(LACKING), reason=str(LACKING))]
NOON = 1_790_848_800
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = "19"
[connection.desk]
connector = "redmine"
home = ["client", "technician", "ticket", "booking"]
mapping = "desk.toml"
allow_private = true
invoice_status = true
[connection.desk.settings]
url = "{redmine.url}"
key = "env:REDMINE_KEY"
asset_tracker = {redmine.device}
ticket_tracker = {redmine.support}
invoice_tracker = {redmine.invoices}
key_field = {redmine.key_field}
[connection.watch]
connector = "zabbix"
home = ["asset"]
allow_private = true
[connection.watch.settings]
url = "{zabbix.url}"
token = "env:ZABBIX_TOKEN"
[[flow]]
record = "ticket"
from = "watch"
to = "desk"
fields = ["title", "client", "status"]
same = ["asset", "title"]
again_minutes = 60
conflict = "target"
"""
MAPPING = """
[ticket]
status = {{ at = "status.id", as = "text", values = {{ {values} }} }}
"""


@dataclass
class Shop:
    folder: Path
    redmine: RealRedmine
    zabbix: RealZabbix
    trigger: int = 0

    @property
    def given(self) -> dict[str, str]:
        return {"REDMINE_KEY": self.redmine.key, "ZABBIX_TOKEN": self.zabbix.token}

    def sync(self) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "tallystick.cli", "sync", "--json"],
            cwd=self.folder, env={**os.environ, **self.given}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["failed"] == [], told
        assert told["flows"][0]["problems"] == [], told
        return told["flows"][0]

    def problem(self, number: int, clock: int) -> None:
        row = {"id": number, "trigger": self.trigger, "clock": clock}
        self._write(
            "INSERT INTO events (eventid, source, object, objectid, clock, value, name, severity)"
            " VALUES (:id, 0, 0, :trigger, :clock, 1, 'Disk C: is full', 4)",
            row,
        )

    def over(self, number: int, clock: int) -> None:
        end = {"id": 1000 + number, "trigger": self.trigger, "clock": clock, "of": number}
        self._write(
            "INSERT INTO events (eventid, source, object, objectid, clock, value, name, severity)"
            " VALUES (:id, 0, 0, :trigger, :clock, 0, 'Disk C: is full', 0)",
            end,
        )
        self._write("INSERT INTO event_recovery (eventid, r_eventid) VALUES (:of, :id)", end)

    def _write(self, statement: str, row: dict[str, int]) -> None:
        engine = create_engine(self.zabbix.database)
        with engine.begin() as connection:
            connection.execute(text(statement), row)
        engine.dispose()

    def tickets(self) -> list[tuple[str, bool]]:
        """Subject of every ticket, and whether it is closed."""
        query = f"tracker_id={self.redmine.support}&status_id=*&sort=id"
        found = self.redmine.ask("GET", f"/issues.json?{query}")["issues"]
        return [(one["subject"], one["closed_on"] is not None) for one in found]


@pytest.fixture
def shop(redmine: RealRedmine, zabbix: RealZabbix, tmp_path: Path) -> Shop:
    project = {"name": "Acme Dental", "identifier": "acme"}
    redmine.ask("POST", "/projects.json", {"project": project})
    group = zabbix.call("hostgroup.create", name="Clients/Acme Dental")["groupids"][0]
    named = {"host": "acme-pc-1", "name": "PC-1", "groups": [{"groupid": group}]}
    host = zabbix.call("host.create", **named)["hostids"][0]
    item = {"hostid": host, "key_": "disk", "name": "disk", "type": 2, "value_type": 3}
    zabbix.call("item.create", **item)
    said = {"description": "Disk C: is full", "expression": "last(/acme-pc-1/disk)>90"}
    trigger = int(zabbix.call("trigger.create", **said, priority=4)["triggerids"][0])
    made = CONFIG.format(redmine=redmine, zabbix=zabbix)
    (tmp_path / "tallystick.toml").write_text(made, encoding="utf-8")
    statuses = redmine.ask("GET", "/issue_statuses.json")["issue_statuses"]
    words = {str(statuses[0]["id"]): "open"}
    words[str(next(one["id"] for one in statuses if one["is_closed"]))] = "closed"
    values = ", ".join(f'"{number}" = "{word}"' for number, word in words.items())
    (tmp_path / "desk.toml").write_text(MAPPING.format(values=values), encoding="utf-8")
    return Shop(tmp_path, redmine, zabbix, trigger)


def test_a_problem_is_one_ticket_that_opens_and_closes_with_it(shop: Shop) -> None:
    full = "PC-1: Disk C: is full"
    shop.problem(1, NOON)
    assert shop.sync()["created"] == 1
    assert shop.tickets() == [(full, False)]
    assert shop.sync()["steps"] == []

    shop.over(1, NOON + 60)
    shop.problem(2, NOON + 120)
    told = shop.sync()
    assert (told["created"], told["joined"], told["steps"]) == (0, 1, [])
    assert shop.tickets() == [(full, False)]

    shop.over(2, NOON + 180)
    assert shop.sync()["updated"] == 1
    assert shop.tickets() == [(full, True)]
    assert shop.sync()["steps"] == []

    how_far_an_invoice_is_paid(shop)
    again = shop.sync()
    assert (again["created"], again["steps"]) == (0, [])
    assert shop.tickets() == [(full, True)]


def how_far_an_invoice_is_paid(shop: Shop) -> None:
    """Told twice, the second time more than once: one issue, one note, and no ticket of it."""
    project = str(shop.redmine.ask("GET", "/projects.json")["projects"][0]["id"])
    told = {"id": "INV-7", "client": f"desk:{project}", "client_id": project, "currency": "EUR"}
    part = {**told, "status": "part_paid", "settled": Decimal("100.00"), "open": Decimal("19.00")}
    paid = {**told, "status": "paid", "settled": Decimal("119.00"), "open": Decimal("0.00")}
    path = shop.folder / "tallystick.toml"
    with open_installation(path, environ=shop.given) as opened:
        desk = opened.session("desk")
        assert isinstance(desk, Sink)
        first = desk.push("invoice_status", part, "INV-7:1")
        for _ in range(2):
            assert desk.push("invoice_status", paid, "INV-7:12").id == first.id
        assert desk.find("invoice_status", "INV-7:12") is not None
        assert desk.find("invoice_status", "INV-7:1") is None
    issue = shop.redmine.ask("GET", f"/issues/{first.id}.json?include=journals")["issue"]
    assert issue["subject"] == "Invoice INV-7: paid"
    notes = [one["notes"] for one in issue["journals"] if one["notes"]]
    assert notes == ["119.00 EUR settled, 0.00 EUR open."]
