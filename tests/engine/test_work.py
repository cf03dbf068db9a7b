"""`tallystick work` tells what is to be done, what failed, and what schedules did."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from tallystick.cli import options, working
from tallystick.config.schedules import Task
from tallystick.engine.advance import KINDS
from tallystick.engine.serve import Health, Signals, look
from tallystick.engine.work import PARKED_AFTER

from .office import Office, issue, office

SETTLING = '[[schedule]]\ntask = "settle"\ncron = "0 2 * * *"\n'
OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def go(there: Office) -> None:
    look(there.installation, Signals(), Health(there.clock()))


def told(there: Office, monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> int:
    class Same:
        def __enter__(self) -> object:
            return there.installation

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(options.Common, "installation", lambda _: Same())
    return working.work(common=options.Common(json=as_json))


def test_what_failed_is_told_until_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with office(tmp_path, more=SETTLING) as there:
        issue(there.installation.database, ["INV-1"])
        (there.root / "world" / "books").mkdir(parents=True)
        (there.root / "world" / "books" / "refused-INV-1").touch()
        go(there)
        assert told(there, monkeypatch, as_json=True) == 0
        [one] = json.loads(capsys.readouterr().out)["unfinished"]
        assert (one["id"], one["tries"], one["parked"]) == ("invoice:books:INV-1", 1, False)
        for _ in range(PARKED_AFTER):
            there.clock.go(days=2)
            go(there)
        assert told(there, monkeypatch, as_json=False) == 1
        shown = capsys.readouterr().out
        assert "parked" in shown and "INV-1 is refused" in shown
        assert re.search(r"settle .* 2 +1\b", shown), "two ticks, one of them missed"
        (there.root / "world" / "books" / "refused-INV-1").unlink()
        there.clock.go(days=2)
        go(there)
        assert told(there, monkeypatch, as_json=True) == 0
        assert json.loads(capsys.readouterr().out)["unfinished"] == []


def test_every_kind_is_described() -> None:
    section = OPERATIONS.read_text(encoding="utf-8").partition("## What is looked after")[2]
    described = re.findall(r"^\| `([a-z]+)` \|", section.partition("\n## ")[0], re.MULTILINE)
    assert described == list(KINDS)


def test_every_task_is_described() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    section = text.partition("## Schedules")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `([a-z ]+)` \|", section, re.MULTILINE)
    assert described == ["sync", "settle", "bill run", "run", "collect", "send", "dunning"]
    assert sorted(described) == sorted(get_args(Task))
