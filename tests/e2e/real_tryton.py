"""A real Tryton on 127.0.0.1, from a virtual environment of its own, over a copy of a database that
is made once."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

from .switch import off

REPOSITORY = Path(__file__).parents[2]
HOME = REPOSITORY / "build" / "tryton"
SEED = Path(__file__).with_name("tryton_seed.py")
LOCK = REPOSITORY / "constraints-tryton.txt"
MODULE = "account_invoice"
KEY = "CANARYtrytonCANARY"
USER, PASSWORD = "admin", "CANARYpassCANARY"
CONFIG = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
[session]
authentications = password
"""


@dataclass(frozen=True)
class RealTryton:
    url: str

    def ask(self, model: str, domain: Sequence[Any], *fields: str) -> list[Any]:
        """What Tryton has, the oldest first, by its own API."""
        told = {name: _query(value) for name, value in (("d", domain), ("o", [["id", "ASC"]]))}
        answer = httpx.get(
            f"{self.url}/tryton/rest/model/{model}",
            params={**told, "f": list(fields)},
            headers={"authorization": f"Bearer {KEY}"},
            timeout=30,
        )
        answer.raise_for_status()
        return list(answer.json())

    def make(self, model: str, record: Any) -> None:
        headers = {"authorization": f"Bearer {KEY}"}
        place = f"{self.url}/tryton/rest/model/{model}"
        httpx.post(place, json=record, headers=headers, timeout=30).raise_for_status()


def missing() -> str | None:
    """What keeps it from running here."""
    if not (HOME / "bin" / "trytond").exists():
        return "Tryton is not installed: make servers does it"
    return off()


@contextmanager
def running(folder: Path) -> Iterator[RealTryton]:
    shutil.copy(_seeded(), folder / "tryton.sqlite")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = _configured(folder, port)
    with (folder / "trytond.log").open("wb") as log:
        command = [HOME / "bin" / "trytond", "-c", config, "-d", "tryton"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    tryton = RealTryton(f"http://127.0.0.1:{port}")
    try:
        _until_it_answers(tryton, process)
        yield tryton
    finally:
        process.terminate()
        process.wait(20)


def _seeded() -> Path:
    """The database with a company in it, made where the seed or a version has changed."""
    version = sha256(SEED.read_bytes() + LOCK.read_bytes()).hexdigest()[:12]
    kept = REPOSITORY / "build" / "tryton-seeded" / f"{version}.sqlite"
    if kept.exists():
        return kept
    folder = kept.with_suffix("") / str(os.getpid())
    folder.mkdir(parents=True)
    (folder / "tryton.sqlite").touch()
    (folder / "pass").write_text(PASSWORD, encoding="utf-8")
    config = _configured(folder, 0)
    environ = {**os.environ, "TRYTONPASSFILE": str(folder / "pass")}
    binaries = HOME / "bin"
    activate = ("-u", MODULE, "--activate-dependencies", "--email", "a@example.test")
    made = (
        [binaries / "trytond-admin", "-c", config, "-d", "tryton", *activate],
        [binaries / "python", SEED, config, KEY],
    )
    for command in made:
        subprocess.run(command, env=environ, check=True, capture_output=True)
    (folder / "tryton.sqlite").replace(kept)
    shutil.rmtree(folder)
    return kept


def _configured(folder: Path, port: int) -> Path:
    config = folder / "trytond.conf"
    config.write_text(CONFIG.format(folder=folder, port=port), encoding="utf-8")
    return config


def _query(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


def _until_it_answers(tryton: RealTryton, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + 60
    while monotonic() < end and process.poll() is None:
        try:
            tryton.ask("company.company", [], "id")
        except httpx.HTTPError:
            sleep(0.3)
        else:
            return
    raise AssertionError("Tryton did not come up")
