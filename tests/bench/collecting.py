"""How fast invoices are collected of a provider that answers slowly and lets only so many ask.

The provider is a server on this machine, spoken to over real sockets: it answers after 300 ms, and
whoever is the 26th within a second is told 429. Each way begins with invoices that are posted and
ends when all of them are with the provider.

    one at a time   what `serve` did before it had several requests under way
    serve           the loop: decided by a schedule, sent by whoever advances attempts
    collect         the command
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final

import httpx
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from tallystick.connector import (
    Attempt,
    CollectionRequest,
    Collects,
    Connector,
    Context,
    Limits,
    Quota,
    Trail,
)
from tallystick.engine import cash
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.progress import Quiet
from tallystick.engine.serve import Health, Signals, look
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins
from tallystick.store.cash.collection_schema import attempt

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.engine.office import issue

PER_SECOND: Final = 25
ANSWERS_AFTER_S: Final = 0.3
INVOICES: Final = 500
ALONE: Final = 20
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "slow_provider"
home = ["client", "mandate"]
allow_private = true
settings = {{ url = "{url}" }}
[collection]
on = "issue"
"""


@dataclass
class Provider:
    """What it was asked, when, and how often it refused."""

    taken_at: list[float] = field(default_factory=list)
    asked: int = 0
    refused: int = 0
    keys: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def takes(self, key: str) -> bool:
        with self.lock:
            now = monotonic()
            self.asked += 1
            if len(self.taken_at) >= PER_SECOND and now - self.taken_at[-PER_SECOND] < 1:
                self.refused += 1
                return False
            self.taken_at.append(now)
            self.keys.add(key)
            return True

    def told(self) -> dict[str, Any]:
        with self.lock:
            went_s = self.taken_at[-1] - self.taken_at[0]
            keys = len(self.keys)
            return {"asked": self.asked, "refused": self.refused, "keys": keys, "went_s": went_s}


def serve_provider() -> None:
    """The provider, in a process of its own: says its port, and at GET what it saw."""
    seen = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            taken = seen.takes(self.headers["idempotency-key"])
            self.rfile.read(int(self.headers["content-length"]))
            if taken:
                sleep(ANSWERS_AFTER_S)
            self.answer(200 if taken else 429, {"state": "processing"})

        def do_GET(self) -> None:
            self.answer(200, seen.told())

        def answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


@contextmanager
def provider() -> Iterator[str]:
    """The address of one."""
    command = [sys.executable, __file__, "provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{running.stdout.readline().strip()}"
        running.terminate()


class Settings(BaseModel):
    url: str


@dataclass(frozen=True, slots=True)
class Session:
    """One POST for each payment."""

    http: httpx.Client

    def whoami(self) -> str:
        return "slow"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        [one] = requests
        body = {"amount": one.amount.minor}
        self.http.post("/payments", json=body, headers={"idempotency-key": key})
        return [Attempt(one.key, "processing", f"v-{one.key}")]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        return None


def _open(settings: Settings, context: Context) -> Session:
    limits = Limits((Quota(PER_SECOND, 1),), share=Decimal(1), concurrency=12)
    return Session(context.http(settings.url, limits))


class Slow:
    """The plugin that brings it."""

    @staticmethod
    @hookimpl
    def tallystick_connectors() -> Iterator[Connector[Settings]]:
        yield Connector(
            name="slow_provider",
            shelf="payments",
            settings=Settings,
            open=_open,
            reads=frozenset(),
            writes=frozenset({"collection"}),
            mappings=None,
            tier="bronze",
            collects=Collects(frozenset({"sepa_debit"})),
        )


def serve(installation: Installation) -> None:
    cash.intend(installation)
    look(installation, Signals(), Health(installation.now()))


def one_at_a_time(installation: Installation) -> None:
    serve(replace(installation, at_once=1))


def collect(installation: Installation) -> None:
    cash.collect(installation, Quiet())


WAYS: dict[str, Callable[[Installation], None]] = {
    "one at a time": one_at_a_time,
    "serve": serve,
    "collect": collect,
}


def measured(
    way: Callable[[Installation], None], invoices: int
) -> tuple[float, float, dict[str, Any]]:
    """Seconds in all, requests a second while they went out, and what the provider says."""
    plugins = Plugins([])
    plugins.register(Slow, "slow")
    with tempfile.TemporaryDirectory() as folder, provider() as url:
        path = Path(folder) / "tallystick.toml"
        path.write_text(CONFIG.format(url=url), encoding="utf-8")
        with open_installation(path, plugins=plugins, environ={}) as installation:
            numbers = [f"INV-{i:04}" for i in range(invoices)]
            issue(installation.database, numbers, clients=invoices, state="posted")
            began = monotonic()
            way(installation)
            elapsed_s = monotonic() - began
            with installation.database.read() as connection:
                taken = select(func.count()).where(attempt.c.state == "processing")
                known = connection.execute(taken).scalar_one()
        told = httpx.get(url).json()
    assert known == told["keys"] == invoices, "each is with the provider, and we know it"
    return elapsed_s, (invoices - 1) / told["went_s"], told


def main(invoices: int = INVOICES) -> None:
    table = Table(title=f"Collecting of a provider that lets {PER_SECOND} a second ask")
    for column in ("way", "invoices", "seconds", "a second", "% of the rate", "asked", "429"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for name, way in WAYS.items():
        count = ALONE if way is one_at_a_time else invoices
        elapsed_s, rate, told = measured(way, count)
        share = f"{100 * rate / PER_SECOND:.1f}"
        counts = (str(told["asked"]), str(told["refused"]))
        table.add_row(name, f"{count:,}", f"{elapsed_s:.1f}", f"{rate:.2f}", share, *counts)
    Console(width=100).print(table)


if __name__ == "__main__" and sys.argv[1:] == ["provider"]:
    serve_provider()
