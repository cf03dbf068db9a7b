"""Where clients are many, `bill propose` prices them in several processes, which open the same
installation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tallystick.cycle import side_by_side

from .conftest import Run


def test_many_clients_are_proposed_what_few_are(
    run: Run, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("sync", at=own).code == 0
    shutil.copytree(own, tmp_path / "alone")
    alone = run("bill", "propose", "2026-09", "--json", at=tmp_path / "alone")
    monkeypatch.setattr(side_by_side, "MANY", 2)
    monkeypatch.setattr(side_by_side, "_processors", lambda: 2)
    together = run("bill", "propose", "2026-09", "--json", at=own)
    assert together.code == alone.code == 0
    assert together.out == alone.out
    assert '"psa:' in together.out


def test_a_process_that_cannot_open_the_installation_is_one_sentence(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("sync", at=own).code == 0
    monkeypatch.setattr(side_by_side, "MANY", 2)
    monkeypatch.setattr(side_by_side, "_processors", lambda: 2)
    monkeypatch.setattr(side_by_side, "_send", _gone)
    done = run("bill", "propose", "2026-09", at=own)
    assert done.code == 1
    assert "A process that priced clients ended before it was done." in " ".join(done.err.split())
    assert "Traceback" not in done.err


def _gone(*_: object) -> None:
    return None
