"""A part of the real incident log through the ordinary commands, as `make real` takes all of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "servicenow" / "run.py"
WHOLE = "2016-02..2017-02"
ODD = ("INC0028089", "INC0030413")
"""The incidents with versions in the state nobody can name."""


@pytest.fixture(scope="module")
def real() -> ModuleType:
    """The example's own module."""
    spec = spec_from_file_location("servicenow_run", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def part(rows: list[str]) -> list[str]:
    """Some thousand events, backwards, and every version of the odd incidents."""
    odd = [row for row in rows if row.startswith(ODD)]
    return [*reversed(rows[:5000]), *odd]


def test_a_part_of_the_log_ties_out(real: ModuleType, shared: Path, tmp_path: Path) -> None:
    assert (shared / "data" / "servicenow_incidents").is_dir()
    folder = real.set_up(tmp_path / "log", part)
    expected = real.expect(folder / "export" / "incident_event_log.csv")
    assert expected.unknown_states == 5
    ties = [*real.synced(folder, expected), *real.billed(folder, expected, [WHOLE])]
    assert [str(tie) for tie in ties if not tie.holds] == []
    wrong = real.synced(folder, replace(expected, incidents=expected.incidents + 1))
    assert not all(tie.holds for tie in wrong), "a figure that is off must show"
    books = folder / "books"
    for name in ("books.beancount", "books.journal"):
        text = (books / name).read_text()
        assert " USD" in text
        (books / name).write_text(text.replace("0 USD", "1 USD", 1))
    assert not any(tie.holds for tie in real.judged(books)), "a cent that is off must show"
