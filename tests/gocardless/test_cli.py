"""From tallystick.toml to GoCardless and back, by the commands people type."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.transport.vendor import serving

from tallystick.cli.app import main

from .conftest import SECRET
from .fake import TOKEN, World

CONFIG = """
[msp]
name = "Tally MSP"
country = "GB"
zone = "Europe/London"

[[tax]]
category = "standard"
percent = "20"

[connection.debits]
connector = "gocardless"
home = ["client", "mandate", "bank_transaction"]
{allow}

[connection.debits.settings]
access_token = "env:GC_TOKEN"
webhook_secret = "env:GC_HOOK"
base_url = "{url}"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GC_TOKEN", TOKEN)
    monkeypatch.setenv("GC_HOOK", SECRET)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(list(words))
    return int(exited.value.code or 0)


def configure(url: str, allow: str = "allow_private = true") -> None:
    Path("tallystick.toml").write_text(CONFIG.format(url=url, allow=allow))


def test_records_come_in_and_the_trace_shows_how_without_secrets(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(world) as vendor:
        configure(vendor.url)
        assert run("sync", "--json", "--trace", "trace.jsonl") == 0
    done = json.loads(capsys.readouterr().out)
    assert {(one["kind"], one["read"]) for one in done["pulls"]} >= {("client", 1), ("mandate", 1)}
    text = Path("trace.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["connection"] for line in lines} == {"debits"}
    assert any(line["url"].endswith("/customers?limit=500") for line in lines)
    assert any("Harbour Ltd" in line["answer"] for line in lines)
    for kept in (
        text,
        *(file.read_text(errors="replace") for file in Path(".tallystick").iterdir()),
    ):
        assert "CANARY" not in kept


def test_a_host_of_the_own_network_is_not_reached_unless_that_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(world) as vendor:
        configure(vendor.url, allow="")
        assert run("sync") == 1
        assert not vendor.asked
    assert "allow_private = true" in capsys.readouterr().err.replace("\n", " ")


def test_check_proves_the_login_and_shows_no_secret(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(world) as vendor:
        configure(vendor.url)
        run("check")
        assert vendor.asked
        said = capsys.readouterr()
        world.faults.extend(["fails"] * 40)
        assert run("check") == 1
    failed = capsys.readouterr()
    assert "failed (500)" in (failed.out + failed.err).replace("\n", " ")
    assert "CANARY" not in said.out + said.err + failed.out + failed.err
