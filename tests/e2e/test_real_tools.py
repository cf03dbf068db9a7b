"""A small MSP on a real Redmine and a real Zabbix: from hosts and hours to invoices in the books.

What each system held before and after is asked of its own API. Everything is run twice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import real_redmine, real_zabbix
from .real_redmine import RealRedmine
from .real_zabbix import RealZabbix

LACKING = real_redmine.missing() or real_zabbix.missing()
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(LACKING), reason=str(LACKING))]
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
street = "Kai 1"
postcode = "20095"
city = "Hamburg"
vat_id = "DE100002026"
[[tax]]
category = "standard"
percent = "19"
[approval]
standing_limit = "5000"
first_run_hold = false
deviation_percent = "100000"
[[rate_card]]
name = "standard"
currency = "EUR"
[[rate_card.rate]]
hourly = "100"
[connection.desk]
connector = "redmine"
home = ["client", "technician", "ticket", "booking"]
mapping = "redmine.toml"
allow_private = true
[connection.desk.settings]
url = "{redmine.url}"
key = "env:REDMINE_KEY"
asset_tracker = {redmine.device}
ticket_tracker = {redmine.support}
key_field = {redmine.key_field}
[connection.watch]
connector = "zabbix"
home = ["asset"]
allow_private = true
[connection.watch.settings]
url = "{zabbix.url}"
token = "env:ZABBIX_TOKEN"
[connection.sales]
connector = "files"
home = ["contract", "contract_line"]
settings = {{ folder = "sales" }}
[connection.books]
connector = "journal"
settings = {{ folder = "books" }}
[[flow]]
record = "asset"
from = "watch"
to = "desk"
fields = ["name", "client", "serial"]
"""
MAPPING = """
[asset]
serial = "custom_fields[id={serial}].value"
"""


@dataclass
class Msp:
    folder: Path
    redmine: RealRedmine
    zabbix: RealZabbix

    def run(self, *words: str) -> Any:
        given = {"REDMINE_KEY": self.redmine.key, "ZABBIX_TOKEN": self.zabbix.token}
        done = subprocess.run(
            [sys.executable, "-m", "tallystick.cli", *words, "--json"],
            cwd=self.folder,
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def devices(self) -> list[str]:
        query = f"tracker_id={self.redmine.device}&status_id=*&sort=id"
        found = self.redmine.ask("GET", f"/issues.json?{query}")["issues"]
        return [one["subject"] for one in found]


def seed(redmine: RealRedmine, zabbix: RealZabbix) -> None:
    """A client that both know, by slightly other names: a ticket with 2.5 hours, two hosts."""
    named = {"name": "Acme Dental GmbH", "identifier": "acme"}
    acme = int(redmine.ask("POST", "/projects.json", {"project": named})["project"]["id"])
    told = {"project_id": acme, "tracker_id": redmine.support, "subject": "Printer"}
    issue = redmine.ask("POST", "/issues.json", {"issue": told})["issue"]["id"]
    [activity, *_] = redmine.ask("GET", "/enumerations/time_entry_activities.json")[
        "time_entry_activities"
    ]
    for day in ("2026-10-05", "2026-10-06"):
        work = {"issue_id": issue, "hours": 1.25, "activity_id": activity["id"], "spent_on": day}
        redmine.ask("POST", "/time_entries.json", {"time_entry": work})
    group = zabbix.call("hostgroup.create", name="Clients/ACME Dental")["groupids"][0]
    for n in (1, 2):
        zabbix.call(
            "host.create",
            host=f"acme-pc-{n}",
            name=f"PC-{n}",
            groups=[{"groupid": group}],
            tags=[{"tag": "type", "value": "workstation"}],
            inventory_mode=0,
            inventory={"serialno_a": f"SER-000{n}"},
        )


def write(folder: Path, redmine: RealRedmine, zabbix: RealZabbix) -> None:
    text = CONFIG.format(redmine=redmine, zabbix=zabbix)
    (folder / "tallystick.toml").write_text(text, encoding="utf-8")
    (folder / "redmine.toml").write_text(MAPPING.format(serial=redmine.serial), encoding="utf-8")
    sales = folder / "sales"
    sales.mkdir()
    since = {"currency": "EUR", "starts_on": "2026-10-01"}
    contract = json.dumps({"id": "C1", "client": "A", "name": "Care", **since})
    client = json.dumps({"id": "A", "name": "Acme Dental GmbH"})
    (sales / "clients.jsonl").write_text(client + "\n", encoding="utf-8")
    devices = {"unit_price": "25", "asset_types": ["workstation"]}
    by_the_hour = {"rate_card": "standard"}
    sold = (
        ("L1", "Workplaces", "per_unit", devices),
        ("L2", "Work", "time_and_materials", by_the_hour),
    )
    names = ("id", "description", "model", "terms")
    lines = [{"contract": "C1", **dict(zip(names, one, strict=True))} for one in sold]
    (sales / "contracts.jsonl").write_text(contract + "\n", encoding="utf-8")
    rows = "".join(json.dumps(one) + "\n" for one in lines)
    (sales / "contract_lines.jsonl").write_text(rows, encoding="utf-8")


def test_hosts_and_hours_become_one_invoice_in_the_books(
    redmine: RealRedmine, zabbix: RealZabbix, tmp_path: Path
) -> None:
    seed(redmine, zabbix)
    write(tmp_path, redmine, zabbix)
    msp = Msp(tmp_path, redmine, zabbix)
    assert msp.devices() == []

    first = msp.run("sync")
    assert (first["failed"], first["flows"][0]["created"]) == ([], 0)
    [asked] = msp.run("links")["questions"]
    assert (asked["copy_name"], asked["home_name"]) == ("ACME Dental", "Acme Dental GmbH")
    msp.run("links", "same", asked["copy"], asked["home"])
    assert msp.run("sync")["flows"][0]["created"] == 2
    assert msp.devices() == ["PC-1", "PC-2"]

    billed = msp.run("run", "2026-10")
    [invoice] = msp.run("bill", "list")
    assert invoice["gross"] == {"amount": "357.00", "currency": "EUR"}, billed
    ledger = (tmp_path / "books" / "books.beancount").read_text(encoding="utf-8")
    assert ledger.count(invoice["number"]) >= 1

    again = msp.run("sync")
    assert (again["written"], again["flows"][0]["steps"]) == (0, [])
    assert msp.run("run", "2026-10")["changes"] == 0
    assert msp.devices() == ["PC-1", "PC-2"]
    assert (tmp_path / "books" / "books.beancount").read_text(encoding="utf-8") == ledger
