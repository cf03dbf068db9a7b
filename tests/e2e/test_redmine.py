"""A small MSP on a real Redmine: pulled, a device flown in, an entry deleted, and nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .real_redmine import RealRedmine, missing

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(missing()), reason=str(missing()))]
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
mapping = "redmine.toml"
allow_private = true
[connection.desk.settings]
url = "{url}"
key = "env:REDMINE_KEY"
asset_tracker = {device}
ticket_tracker = {support}
key_field = {key_field}
[connection.rmm]
connector = "files"
home = ["asset"]
settings = {{ folder = "rmm", complete = ["asset"] }}
[[flow]]
record = "asset"
from = "rmm"
to = "desk"
fields = ["name", "client", "serial"]
"""
MAPPING = """
[asset]
serial = "custom_fields[id={serial}].value"
"""


@dataclass
class Msp:
    """One installation in `folder` with a Redmine and an export folder of an RMM."""

    folder: Path
    redmine: RealRedmine

    def tell(self, device: str) -> None:
        rows = f"id,name,client,serial\nD1,{device},S1,SER-0001\n"
        (self.folder / "rmm" / "assets.csv").write_text(rows, encoding="utf-8")

    def sync(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tallystick.cli", "sync", "--json"],
            cwd=self.folder,
            env={**os.environ, "REDMINE_KEY": self.redmine.key},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def devices(self) -> list[Any]:
        found = self.redmine.ask(
            "GET", f"/issues.json?tracker_id={self.redmine.device}&status_id=*"
        )
        return list(found["issues"])


def seeded(redmine: RealRedmine) -> list[int]:
    """A client with a ticket and three hours on it; the numbers of their time entries."""
    named = {"name": "Acme Dental", "identifier": "acme-dental"}
    acme = redmine.ask("POST", "/projects.json", {"project": named})["project"]["id"]
    told = {"project_id": acme, "tracker_id": redmine.support, "subject": "Printer"}
    issue = redmine.ask("POST", "/issues.json", {"issue": told})["issue"]["id"]
    activities = redmine.ask("GET", "/enumerations/time_entry_activities.json")
    work = {
        "issue_id": issue,
        "hours": 1.25,
        "activity_id": activities["time_entry_activities"][0]["id"],
        "comments": "Cable",
    }
    days = [{"time_entry": {**work, "spent_on": f"2026-11-0{day}"}} for day in (2, 3, 4)]
    return [redmine.ask("POST", "/time_entries.json", one)["time_entry"]["id"] for one in days]


def of_desk(report: dict[str, Any], column: str) -> dict[str, int]:
    return {one["kind"]: one[column] for one in report["pulls"] if one["connection"] == "desk"}


def test_what_is_on_both_sides_meets_and_nothing_comes_twice(
    redmine: RealRedmine, tmp_path: Path
) -> None:
    entries = seeded(redmine)
    (tmp_path / "tallystick.toml").write_text(CONFIG.format(**vars(redmine)), encoding="utf-8")
    (tmp_path / "redmine.toml").write_text(MAPPING.format(**vars(redmine)), encoding="utf-8")
    (tmp_path / "rmm").mkdir()
    (tmp_path / "rmm" / "clients.csv").write_text("id,name\nS1,ACME dental\n", encoding="utf-8")
    msp = Msp(tmp_path, redmine)
    msp.tell("PC-01")

    first = msp.sync()
    assert of_desk(first, "read")["booking"] == 3
    assert first["flows"][0]["created"] == 1
    [device] = msp.devices()
    fields = {one["id"]: one["value"] for one in device["custom_fields"]}
    assert device["subject"] == "PC-01"
    assert (fields[redmine.serial], fields[redmine.key_field]) == ("SER-0001", "rmm:D1")

    again = msp.sync()
    assert (again["written"], again["flows"][0]["steps"]) == (0, [])

    redmine.ask("DELETE", f"/time_entries/{entries[1]}.json")
    msp.tell("PC-01b")
    third = msp.sync()
    assert of_desk(third, "gone")["booking"] == 1
    assert third["flows"][0]["updated"] == 1
    [device] = msp.devices()
    assert device["subject"] == "PC-01b"
    assert msp.sync()["written"] == 0
