"""Four real tools side by side on 127.0.0.1: Redmine (service desk), Zabbix (monitoring), Tryton
(accounting) and localstripe (payments), and an installation of ours that is connected to them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from sqlalchemy import URL

from . import real_redmine, real_tryton, real_zabbix
from .conftest import KEY, SECRET, own_folder
from .real_redmine import RealRedmine
from .real_tryton import RealTryton
from .real_zabbix import RealZabbix
from .small_msp import seed, write


def missing() -> str | None:
    """What keeps them from running here."""
    return real_redmine.missing() or real_zabbix.missing() or real_tryton.missing()


@dataclass
class Quartet:
    folder: Path
    redmine: RealRedmine
    zabbix: RealZabbix
    tryton: RealTryton
    stripe: str
    port: int

    def run(self, *words: str) -> Any:
        """What a command answers."""
        done = subprocess.run(
            self._command(*words, "--json"), **self._place(), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def killed(self, requests: int, *words: str) -> bool:
        """Whether the command, killed with -9 as soon as it has had so many answers from others,
        was not done before."""
        trace = self.folder / "trace.jsonl"
        trace.unlink(missing_ok=True)
        command = self._command(*words, "--json", "--trace", str(trace))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, **self._place(), **quiet)
        while process.poll() is None:
            if trace.exists() and trace.read_bytes().count(b"\n") >= requests:
                process.kill()
                process.wait()
                return True
            sleep(0.005)
        assert process.returncode == 0, words
        return False

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`serve` while the block runs, and the provider's events coming in."""
        with (self.folder / "serve.log").open("w") as said:
            process = subprocess.Popen(
                self._command("serve"), **self._place(), stdout=said, stderr=said
            )
            try:
                until(lambda: _healthy(self.port), "serve is not there")
                hook = f"http://127.0.0.1:{self.port}/webhooks/cards"
                self.charge("/_config/webhooks/ours", url=hook, secret=SECRET)
                yield
            finally:
                process.terminate()
                process.wait(20)

    def charge(self, path: str, **form: Any) -> Any:
        """As Stripe's own pages do."""
        answer = httpx.post(f"{self.stripe}{path}", auth=(KEY, ""), data=form, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def stripe_list(self, kind: str) -> list[Any]:
        answer = httpx.get(f"{self.stripe}/v1/{kind}?limit=100", auth=(KEY, ""), timeout=30)
        answer.raise_for_status()
        return list(answer.json()["data"])

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tallystick.cli", *words]

    def _place(self) -> dict[str, Any]:
        known = {
            "REDMINE_KEY": self.redmine.key,
            "ZABBIX_TOKEN": self.zabbix.token,
            "TRYTON_KEY": real_tryton.KEY,
            "TRYTON_PASSWORD": real_tryton.PASSWORD,
            "STRIPE_KEY": KEY,
            "STRIPE_HOOK": SECRET,
        }
        return {"cwd": self.folder, "env": {**os.environ, **known}}


@contextmanager
def started(folder: Path, postgres: URL, stripe: str) -> Iterator[Quartet]:
    """All four with the MSP in them, and an installation of ours beside them."""
    with ExitStack() as stack:
        names = ("redmine", "zabbix", "tryton")
        places = {one: stack.enter_context(own_folder(one)) for one in names}
        redmine = stack.enter_context(real_redmine.running(places["redmine"]))
        zabbix = stack.enter_context(real_zabbix.running(places["zabbix"], postgres))
        tryton = stack.enter_context(real_tryton.running(places["tryton"]))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        made = Quartet(folder, redmine, zabbix, tryton, stripe, port)
        seed(made)
        write(made)
        yield made


def until(true: Any, what: str, within_s: float = 60) -> None:
    end = monotonic() + within_s
    while not true():
        assert monotonic() < end, what
        sleep(0.1)


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.TransportError:
        return False
