"""One token at a time for all processes, kept where only the login's owner can read it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr
from tests.transport.vendor import Answer, Asked, Vendor, serving

from tallystick.connector import STATE_FOLDER, Context, Limits
from tallystick.errors import Stop
from tallystick.transport.client import Way
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.tokens import Tokens

FAST = Limits(concurrency=8)


class Issuer:
    """Gives tokens that live an hour; its refresh tokens work once, as Xero's do."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refresh = "refresh-0"
        self.good = ""
        self.count = 0
        self.forms: list[dict[str, str]] = []
        self.refused = False

    def __call__(self, asked: Asked) -> Answer:
        if asked.path != "/token":
            good = asked.headers.get("authorization") == f"Bearer {self.good}"
            return Answer(200 if good else 401)
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        time.sleep(0.02)
        with self.lock:
            self.forms.append(form)
            spent = "refresh_token" in form and form["refresh_token"] != self.refresh
            if spent or self.refused:
                return Answer(400, b'{"error": "invalid_grant", "hint": "refresh-0"}')
            self.count += 1
            self.good, self.refresh = f"access-{self.count}", f"refresh-{self.count}"
            told = {"access_token": self.good, "expires_in": 3600, "token_type": "Bearer"}
            if "refresh_token" in form:
                told["refresh_token"] = self.refresh
            return Answer(body=json.dumps(told).encode())


@contextmanager
def issuing() -> Iterator[tuple[Vendor, Issuer]]:
    issuer = Issuer()
    with serving(issuer) as vendor:
        yield vendor, issuer


def rotating(url: str, secret: str = "s3cret", seed: str = "refresh-0") -> Grant:
    return Grant(f"{url}/token", "app", SecretStr(secret), refresh_token=SecretStr(seed))


def client(
    root: Path, grant: Grant, url: str, now: datetime | None = None, secrets: tuple[str, ...] = ()
) -> httpx.Client:
    way = Way("books", root / STATE_FOLDER, True, secrets)
    context = Context("books", root, lambda: now or datetime.now(UTC), way.open)
    opened = way.open(url, FAST)
    opened.auth = OAuth(context, grant, FAST)
    return opened


WORKER = """
import sys
from pathlib import Path
from tests.transport.test_oauth import client, rotating
root, url = Path(sys.argv[1]), sys.argv[2]
for _ in range(5):
    assert client(root, rotating(url), url).get("rows").status_code == 200
"""


def test_a_refresh_token_that_rotates_is_spent_once_whoever_needs_it(tmp_path: Path) -> None:
    """All begin at once with nothing; a second use of a token would be refused."""
    with issuing() as (vendor, issuer):
        command = [sys.executable, "-c", WORKER, str(tmp_path), vendor.url]
        others = [
            subprocess.Popen(command, cwd=Path(__file__).parents[2], env={"PYTHONPATH": "."})
            for _ in range(2)
        ]
        opened = [client(tmp_path, rotating(vendor.url), vendor.url) for _ in range(6)]
        with ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(lambda one: one.get("rows").status_code, opened))
        assert [other.wait(30) for other in others] == [0, 0]
    assert answers == [200] * 6
    assert [form["refresh_token"] for form in issuer.forms] == ["refresh-0"]


def test_the_chain_goes_on_where_it_stopped(tmp_path: Path) -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    with issuing() as (vendor, issuer):
        for hours in (0, 0.9, 1, 2):
            at = now + timedelta(hours=hours)
            client(tmp_path, rotating(vendor.url), vendor.url, at).get("rows")
    asked = [form["refresh_token"] for form in issuer.forms]
    assert asked == ["refresh-0", "refresh-1", "refresh-2"]


def test_tokens_do_not_show() -> None:
    shown = repr(Tokens("access-1", datetime.now(UTC), "refresh-1"))
    assert "access-1" not in shown and "refresh-1" not in shown


def test_a_token_the_vendor_refuses_is_replaced_once(tmp_path: Path) -> None:
    with issuing() as (vendor, issuer):
        opened = client(tmp_path, rotating(vendor.url), vendor.url)
        opened.get("rows")
        issuer.good = "revoked"
        assert opened.get("rows").status_code == 200
        assert issuer.count == 2
        issuer.good = "never"
        vendor.answer = lambda asked: issuer(asked) if asked.path == "/token" else Answer(401)
        with pytest.raises(Stop, match="does not accept the login"):
            opened.get("rows")
    assert issuer.count == 3


def test_a_spent_chain_says_to_log_in_again_and_a_new_seed_begins_another(tmp_path: Path) -> None:
    with issuing() as (vendor, issuer):
        issuer.refused = True
        with pytest.raises(Stop, match=r"400, invalid_grant.*Log in at the vendor again") as caught:
            client(tmp_path, rotating(vendor.url), vendor.url).get("rows")
        assert "refresh-0" not in str(caught.value)
        issuer.refused = False
        client(tmp_path, rotating(vendor.url), vendor.url).get("rows")
        issuer.refresh = "by-hand"
        client(tmp_path, rotating(vendor.url, seed="by-hand"), vendor.url).get("rows")
    assert issuer.forms[-1]["refresh_token"] == "by-hand"


def test_the_file_says_nothing_to_who_has_not_the_secret(tmp_path: Path) -> None:
    with issuing() as (vendor, issuer):
        client(tmp_path, rotating(vendor.url), vendor.url).get("rows")
        (file,) = (tmp_path / STATE_FOLDER).glob("*.tokens")
        assert b"access" not in file.read_bytes() and b"refresh" not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        client(tmp_path, rotating(vendor.url, secret="another", seed="refresh-1"), vendor.url).get(
            "x"
        )
    assert [form["refresh_token"] for form in issuer.forms] == ["refresh-0", "refresh-1"]


@pytest.mark.parametrize("told_in", ["header", "body"])
def test_the_other_grants_ask_as_the_standard_says(tmp_path: Path, told_in: str) -> None:
    with issuing() as (vendor, issuer):
        login = (f"{vendor.url}/token", "app", SecretStr("s3cret"), "all")
        own = Grant(*login, told_in=told_in)  # type: ignore[arg-type]  # one of the two literals
        by_name = Grant(*login, "me", SecretStr("pw"), told_in=told_in)  # type: ignore[arg-type]  # likewise
        client(tmp_path / "own", own, vendor.url).get("rows")
        client(tmp_path / "name", by_name, vendor.url).get("rows")
    said = {"client_id": "app", "client_secret": "s3cret"} if told_in == "body" else {}
    assert issuer.forms == [
        {"grant_type": "client_credentials", "scope": "all", **said},
        {"grant_type": "password", "username": "me", "password": "pw", "scope": "all", **said},
    ]
    asked = [one.headers.get("authorization") for one in vendor.asked if one.path == "/token"]
    assert asked == [None if told_in == "body" else "Basic YXBwOnMzY3JldA=="] * 2
