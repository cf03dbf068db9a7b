"""A real Redmine on 127.0.0.1, of Debian's packages, over a copy of its database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

from .switch import off

HOME = Path("/usr/share/redmine")
DATABASE = Path("/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default")
AS_ITS_USER = ("setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups")
SEED = """
Project.destroy_all
Setting.rest_api_enabled = "1"; Setting.login_required = "1"
user = User.find_by_login("admin"); user.must_change_passwd = false; user.save!
Redmine::DefaultData::Loader.load("en") if Redmine::DefaultData::Loader.no_data?
device = Tracker.find_by_name("Device") || Tracker.create!(
  name: "Device", default_status: IssueStatus.first, core_fields: Tracker.first.core_fields)
invoices = Tracker.find_by_name("Invoice") || Tracker.create!(
  name: "Invoice", default_status: IssueStatus.first, core_fields: Tracker.first.core_fields)
field = IssueCustomField.find_by_name("Tallystick key") || IssueCustomField.create!(
  name: "Tallystick key", field_format: "string", is_filter: true, is_for_all: true)
serial = IssueCustomField.find_by_name("Serial") || IssueCustomField.create!(
  name: "Serial", field_format: "string", is_filter: true, is_for_all: true)
[field, serial].each { |one| one.trackers = Tracker.all; one.save! }
Setting.default_projects_modules = ["issue_tracking", "time_tracking"]
Setting.default_projects_tracker_ids = Tracker.all.map { |one| one.id.to_s }
puts [user.api_key, device.id, Tracker.first.id, field.id, serial.id, invoices.id].join(" ")
"""


@dataclass(frozen=True)
class RealRedmine:
    url: str
    key: str
    device: int
    support: int
    key_field: int
    serial: int
    invoices: int

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"x-redmine-api-key": self.key}
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def missing() -> str | None:
    """What keeps it from running here."""
    if not (HOME.exists() and DATABASE.exists() and shutil.which("puma")):
        return "Redmine is not installed: make e2e does it on Debian"
    return off()


@contextmanager
def running(folder: Path) -> Iterator[RealRedmine]:
    database = folder / "redmine.db"
    shutil.copy(DATABASE, database)
    for path in (folder, database):
        shutil.chown(path, "www-data", "www-data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"HOME": str(folder), "RAILS_ENV": "production", "PATH": os.environ["PATH"]}
    given["DATABASE_URL"] = f"sqlite3:{database}"
    seeded = subprocess.run(
        [*AS_ITS_USER, "rails", "runner", SEED],
        cwd=HOME, env=given, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key, *numbers = seeded.stdout.split()[-6:]
    puma = ("puma", "-e", "production", "-t", "1:4", "-b", f"tcp://127.0.0.1:{port}", "config.ru")
    with (folder / "puma.log").open("wb") as log:
        process = subprocess.Popen(
            [*AS_ITS_USER, *puma], cwd=HOME, env=given, stdout=log, stderr=log
        )
    redmine = RealRedmine(f"http://127.0.0.1:{port}", key, *map(int, numbers))
    try:
        _until_it_answers(redmine, process)
        yield redmine
    finally:
        process.terminate()
        process.wait(20)


def _until_it_answers(redmine: RealRedmine, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + 120
    while monotonic() < end and process.poll() is None:
        try:
            redmine.ask("GET", "/users/current.json")
        except httpx.HTTPError:
            sleep(0.5)
        else:
            return
    raise AssertionError("Redmine did not come up")
