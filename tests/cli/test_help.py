"""What the program says about itself: fast, complete, and only commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from cyclopts import App

import tallystick
from tallystick.cli.app import app

Run = Callable[..., Any]
HEAVY = ("sqlalchemy", "pydantic", "httpx", "alembic", "msgspec", "pluggy", "rich.progress")
HELP_WITHIN_S = 0.4
TRIES = 6
SOURCES = Path(tallystick.__file__).parent


def commands(inside: App, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in inside:
        if not name.startswith("-"):
            yield (*words, name)
            yield from commands(inside[name], (*words, name))


COMMANDS = list(commands(app))


@pytest.mark.e2e
@pytest.mark.parametrize("words", [[], ["bill", "propose"], ["init"]])
def test_help_comes_at_once(words: list[str]) -> None:
    program = Path(sys.executable).with_name("tallystick")
    seconds = []
    for _ in range(TRIES):
        started = monotonic()
        subprocess.run([program, *words, "--help"], check=True, capture_output=True)
        seconds.append(monotonic() - started)
    assert min(seconds) < HELP_WITHIN_S


def test_no_command_line_needs_the_heavy_packages() -> None:
    asked = f"import sys, tallystick.cli.app; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_every_argument(
    words: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    done = run(*words, "--help", at=tmp_path)
    assert done.code == 0
    assert f"tallystick {' '.join(words)}" in done.out
    rows = [line.strip("│ ") for line in done.out.splitlines() if line.startswith("│ ")]
    bare = [row for row in rows if re.fullmatch(r"\*? *(--\w+|[A-Z]+)( [A-Z]+)?( \[.*\])?", row)]
    assert bare == []


def test_every_command_that_a_text_names_exists() -> None:
    known = {" ".join(words) for words in COMMANDS}
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")]
    named = {
        found
        for text in texts
        for pattern in (
            r"`tallystick ([a-z]+(?:[ -][a-z]+)*)",
            r"screen\.next\(f?\"([a-z]+(?:[ -][a-z]+)*)",
        )
        for found in re.findall(pattern, text)
    }
    assert len(named) > 10
    assert {one.strip() for one in named} - known == set()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["frob"], "Unknown command"),
        (["cash", "frob"], "`tallystick cash` does not take 'frob'"),
        (["bill", "propose"], "PERIOD requires an argument"),
        (["bill", "issue", "2026-09", "--on", "soon"], "'soon' is not a day. Write it like"),
        (["status", "--jsn"], "Did you mean --json?"),
    ],
)
def test_a_wrong_command_line_is_told_what_is_right(
    words: list[str], part: str, run: Run, tmp_path: Path
) -> None:
    done = run(*words, at=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert part in " ".join(done.err.split())
    assert "--help`" in " ".join(done.err.split())
