"""localstripe as a process of its own on 127.0.0.1; a real Redmine and Zabbix for each file."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx
import pytest
from sqlalchemy import URL

from . import real_redmine, real_zabbix
from .real_redmine import RealRedmine
from .real_zabbix import RealZabbix

KEY = "sk_test_CANARYkeyCANARY"
SECRET = "whsec_CANARYhookCANARY"
CARDS = {
    "pays": "4242424242424242",
    "declines": "4000000000000341",
    "asks": "4000002500003155",
}
FAILING_IBAN = "DE62370400440532013001"
WITHIN_S = 20.0


def card(number: str) -> dict[str, str]:
    expiry = {"card[exp_month]": "12", "card[exp_year]": "2030", "card[cvc]": "123"}
    return {"type": "card", "card[number]": number, **expiry}


@contextmanager
def own_folder(name: str) -> Iterator[Path]:
    """Outside pytest's own, which the users that servers run as cannot enter."""
    with TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def redmine() -> Iterator[RealRedmine]:
    with own_folder("redmine") as folder, real_redmine.running(folder) as found:
        yield found


@pytest.fixture(scope="module")
def zabbix(postgres: URL) -> Iterator[RealZabbix]:
    with own_folder("zabbix") as folder, real_zabbix.running(folder, postgres) as found:
        yield found


@pytest.fixture(scope="session")
def localstripe() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("localstripe_app.py")
    process = subprocess.Popen([sys.executable, str(script), str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(address) and process.poll() is None)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def url(localstripe: str) -> str:
    """Where localstripe is, with nothing in it."""
    return emptied(localstripe)


def emptied(localstripe: str) -> str:
    httpx.delete(f"{localstripe}/_config/data", auth=(KEY, "")).raise_for_status()
    return localstripe


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/v1/account", auth=(KEY, "")).is_success
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool]) -> None:
    end = monotonic() + WITHIN_S
    while not true():
        assert monotonic() < end, "it did not come in time"
        sleep(0.02)
