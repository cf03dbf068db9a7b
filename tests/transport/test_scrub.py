"""No secret in a sentence, a log or the request log, whichever way it is spelled."""

from __future__ import annotations

import base64
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transport.vendor import Answer, Asked, serving

from tallystick.connector import Limits
from tallystick.errors import Retry, Stop
from tallystick.transport.answers import json_of, refused
from tallystick.transport.client import Way
from tallystick.transport.scrub import Secrets

CANARY = "s3cr3t/Kaninchen+bau=="
SPELLED = [
    CANARY,
    quote(CANARY, safe=""),
    base64.b64encode(CANARY.encode()).decode(),
    base64.b64encode(f"public:{CANARY}".encode()).decode(),
]


def telling(asked: Asked) -> Answer:
    """A vendor that tells everybody what it was told."""
    told = {"error": f"bad key {CANARY}", "access_token": "tok_zyx987"}
    status = {"/no": 403, "/wrong": 422, f"/{CANARY}": 403}.get(unquote(asked.path), 200)
    return Answer(status, json.dumps(told).encode(), {"set-cookie": "sid=tok_zyx987"})


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace.jsonl"


@pytest.fixture
def client(tmp_path: Path, trace: Path) -> Iterator[httpx.Client]:
    with serving(telling) as vendor:
        way = Way("psa", tmp_path, True, [CANARY], trace)
        opened = way.open(vendor.url, Limits())
        opened.headers["ApiIntegrationCode"] = "k_4711_k"
        opened.auth = httpx.BasicAuth("public", CANARY)
        yield opened


def clean(text: str) -> bool:
    return not any(one in text for one in (*SPELLED, "tok_zyx987", "k_4711_k", "Kaninchen"))


def test_the_request_log_shows_everything_but_secrets(client: httpx.Client, trace: Path) -> None:
    client.get("rows", params={"page": 2, "api_key": "k_4711_k", "name": CANARY})
    client.post("token", data={"client_secret": "k_4711_k", "grant": "x", "note": CANARY})
    client.post("rows", json={"password": "k_4711_k", "note": f"it is {CANARY}", "id": 12})
    text = trace.read_text()
    assert clean(text)
    first, second, third = map(json.loads, text.splitlines())
    assert "/rows?page=2&api_key=(secret)&name=(secret)" in first["url"]
    assert first["headers"]["authorization"] == "(secret)" and first["status"] == 200
    assert first["connection"] == "psa" and first["seconds"] >= 0
    assert second["body"].startswith("client_secret=(secret)&grant=x&note=")
    assert json.loads(third["body"]) == {
        "password": "(secret)",
        "note": "it is (secret)",
        "id": 12,
    }
    assert json.loads(third["answer"])["access_token"] == "(secret)"
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600


def test_every_try_is_in_the_log(
    client: httpx.Client, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    with pytest.raises(Retry) as caught:
        client.get("rows", headers={"X-Note": f"two\nlines {CANARY}"})
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    assert [line["error"] for line in lines] == ["LocalProtocolError"] * 5
    assert clean(str(caught.value)) and clean(trace.read_text())
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_no_sentence_quotes_a_secret(client: httpx.Client) -> None:
    for path in ("no", quote(CANARY, safe="/")):
        with pytest.raises(Stop, match="403") as caught:
            client.get(path)
        assert clean(str(caught.value))
    answer = client.post("wrong")
    error = refused(answer, "psa", why=json_of(answer, "psa")["error"])
    assert "bad key (secret)" in str(error) and clean(str(error))


def test_nothing_is_logged_by_the_library(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("rows", params={"token": CANARY})
    assert not caplog.records


def test_a_trace_that_cannot_be_written_stops(tmp_path: Path) -> None:
    with serving(telling) as vendor, pytest.raises(Stop, match="trace file"):
        Way("psa", tmp_path, True, trace=tmp_path).open(vendor.url, Limits()).get("rows")


@given(st.text(min_size=6).filter(lambda s: s.strip() and "secret" not in s), st.text(), st.text())
def test_a_known_secret_never_shows(secret: str, before: str, after: str) -> None:
    hidden = Secrets([secret]).hide(f"{before} {secret} {quote(secret)} {after}")
    assert secret not in hidden.replace("(secret)", "\0") or secret in before + after
