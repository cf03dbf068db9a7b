"""`kill -9` at any moment of the demo, then the same command again: the same books.

Twenty-five moments spread over the whole run, each in a folder of its own. Every fifth writes
all documents the demo has; the others only the plain text ones, which take a fraction of the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import monotonic

import pytest

from tallystick.cli.screen import Screen
from tallystick.demo import quarter as demo
from tallystick.demo.quarter import LAST_STATEMENT, QUARTER
from tallystick.period import Period

MOMENTS = int(os.environ.get("TALLYSTICK_KILLS", "8"))
EVERY_FORMAT = 5
PLAIN = {"TALLYSTICK__DOCUMENTS__FORMATS": '["txt"]'}
Books = Callable[[Path], dict[str, object]]


def command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "tallystick.cli", "demo", str(folder), "--json"]


def laid_out(name: str) -> bool:
    return name.startswith("invoices/") and not name.endswith(".txt")


def environment(moment: int) -> dict[str, str]:
    return {**os.environ, **({} if moment % EVERY_FORMAT == 0 else PLAIN)}


@pytest.fixture(scope="session")
def duration(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], float]:
    """How long the undisturbed command of a moment takes here and now."""

    @cache
    def measured(plain: bool) -> float:
        started = monotonic()
        folder = tmp_path_factory.mktemp("undisturbed") / "quarter"
        env = environment(1 if plain else EVERY_FORMAT)
        subprocess.run(command(folder), check=True, capture_output=True, env=env)
        return monotonic() - started

    return lambda moment: measured(moment % EVERY_FORMAT != 0)


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_killed_and_run_again_ends_in_the_same_books(
    moment: int,
    quarter: Path,
    duration: Callable[[int], float],
    tmp_path: Path,
    books: Books,
) -> None:
    folder = tmp_path / "quarter"
    env = environment(moment)
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command(folder), stdout=quiet, stderr=quiet, env=env)
    try:
        process.wait(timeout=duration(moment) * moment / (MOMENTS + 1))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    again = subprocess.run(command(folder), capture_output=True, text=True, check=False, env=env)
    assert again.returncode == 0, again.stderr
    found, expected = books(folder), books(quarter)
    if moment % EVERY_FORMAT:
        expected = {name: one for name, one in expected.items() if not laid_out(name)}
    assert found.keys() == expected.keys()
    different = [name for name in expected if found[name] != expected[name]]
    assert different == []


@pytest.mark.parametrize("month", [*QUARTER[1:], LAST_STATEMENT], ids=str)
def test_cut_short_between_two_months_ends_in_the_same_books(
    month: Period, quarter: Path, tmp_path: Path, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    marking = demo._mark

    def cut_short(folder: Path, period: Period) -> None:
        if period == month:
            raise KeyboardInterrupt
        marking(folder, period)

    folder = tmp_path / "quarter"
    monkeypatch.setattr(demo, "_mark", cut_short)
    with pytest.raises(KeyboardInterrupt):
        demo.play(folder, Screen(as_json=True), lambda _: None)
    monkeypatch.setattr(demo, "_mark", marking)
    demo.play(folder, Screen(as_json=True), lambda _: None)
    assert books(folder) == books(quarter)


def test_cut_short_before_anything_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "quarter"
    (folder / "exports").mkdir(parents=True)
    (folder / "exports" / "AS_OF.new").write_text("2026-0")
    assert demo.play(folder, Screen(as_json=True), lambda _: None).changes > 0
