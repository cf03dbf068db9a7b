"""The real commands and the real process: `sync`, `cash collect` and `serve` beside localstripe.
Nothing is told to settle: its events are enough.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cash.world import World

from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade

from .conftest import CARDS, FAILING_IBAN, KEY, SECRET, card, until

pytestmark = pytest.mark.e2e

CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[store]
url = "sqlite:///test.db"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "files"
home = ["client"]
[connection.psa.settings]
folder = "exports"
[connection.psa.settings.files]
client = "clients.csv"
[connection.cards]
connector = "stripe"
home = ["mandate"]
allow_private = true
[connection.cards.settings]
key = "env:STRIPE_KEY"
webhook_secret = "env:STRIPE_HOOK"
base_url = "{url}"
[collection]
on = "issue"
[serve]
port = {port}
"""
CLIENTS = {"1": CARDS["pays"], "2": CARDS["declines"], "3": ""}


class Office:
    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = root, url
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        (root / "tallystick.toml").write_text(CONFIG.format(url=url, port=self.port))
        (root / "exports").mkdir()
        rows = "".join(f"{ref},Client {ref}\n" for ref in CLIENTS)
        (root / "exports" / "clients.csv").write_text("id,name\n" + rows)

    @property
    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("tallystick"))]

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "STRIPE_KEY": KEY, "STRIPE_HOOK": SECRET}

    def run(self, *words: str) -> str:
        given = {"cwd": self.root, "env": self.environ, "capture_output": True, "text": True}
        done = subprocess.run([*self.command, *words], **given)
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)

    @contextmanager
    def serving(self) -> Iterator[Path]:
        """`serve` while the block runs; the file of what it says."""
        log = self.root / "serve.log"
        with log.open("w") as said:
            given = {"cwd": self.root, "env": self.environ, "stdout": said, "stderr": said}
            process = subprocess.Popen([*self.command, "serve"], **given)
            try:
                until(self._healthy)
                yield log
            finally:
                process.terminate()
                process.wait(20)

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health").is_success
        except httpx.TransportError:
            return False

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}{path}", auth=(KEY, ""), data=form)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told


def test_serve_settles_what_events_tell_of(url: str, tmp_path: Path) -> None:
    office = Office(tmp_path, url)
    database = open_database("sqlite:///test.db", tmp_path)
    upgrade(database)
    world = World(database)
    for ref, number in CLIENTS.items():
        metadata = {"metadata[tallystick_client]": f"psa:{ref}"}
        customer = office.post("/v1/customers", name=f"Client {ref}", **metadata)["id"]
        debit = {"type": "sepa_debit", "sepa_debit[iban]": FAILING_IBAN}
        method = office.post("/v1/payment_methods", **(card(number) if number else debit))["id"]
        office.post(f"/v1/payment_methods/{method}/attach", customer=customer)
        world.invoice(f"INV-{ref}", "119.00", client=ref, due_on=date(2026, 10, 1))
    office.run("sync")
    with office.serving() as log:
        hook = f"http://127.0.0.1:{office.port}/webhooks/cards"
        office.post("/_config/webhooks/ours", url=hook, secret=SECRET)
        office.run("cash", "collect")
        until(lambda: world.states()["INV-1"][0] == "paid")
        until(lambda: world.attempts()["INV-3-1"] == "declined")
    assert world.attempts() == {
        "INV-1-1": "succeeded",
        "INV-2-1": "declined",
        "INV-3-1": "declined",
    }
    world_states = {number: state for number, (state, _) in world.states().items()}
    assert world_states == {"INV-1": "paid", "INV-2": "posted", "INV-3": "posted"}
    shown = office.run("cash")
    database.close()
    kept = log.read_text() + shown
    kept += "".join(one.read_bytes().decode("latin-1") for one in tmp_path.glob("test.db*"))
    for number in (*CARDS.values(), FAILING_IBAN, KEY, SECRET):
        assert number not in kept
