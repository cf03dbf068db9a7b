"""Whatever is run twice has been run once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Dump = Callable[[Path], dict[str, Any]]

LINE = [
    "sync",
    "sync psa",
    "check",
    "status",
    "quarantine",
    "bill propose 2026-09",
    "bill review 2026-09",
    "bill approve 2026-09 --as vera",
    "bill issue 2026-09 --on 2026-10-20",
    "bill post",
    "bill list",
    "cash collect",
    "cash settle",
    "cash show",
    "explain booking TE-90001",
    "explain invoice INV-2026-0037",
    "profit 2026-Q3",
    "run 2026-09 --on 2026-10-20",
    "mapping check mappings/psa.toml",
    "plugin list",
    "db upgrade",
]
CHANGING = {
    "bill propose 2026-09",
    "bill approve 2026-09 --as vera",
    "bill issue 2026-09 --on 2026-10-20",
    "bill post",
    "cash collect",
}


def test_every_command_twice_is_once(run: Run, quarter: Path, dump: Dump) -> None:
    config = quarter / "tallystick.toml"
    config.write_text(config.read_text().replace('hourly = "98.00"', 'hourly = "99.00"'))
    (quarter / "exports" / "psa" / "time_entries.csv").open("a").write("TE-99999,broken\n")
    run("sync", at=quarter)
    before = dump(quarter)
    changed = set()
    for words in LINE:
        assert run(*words.split(), at=quarter).code in (0, 1), words
        once = dump(quarter)
        if once != before:
            changed.add(words)
        run(*words.split(), at=quarter)
        before = dump(quarter)
        different = [name for name in once if once[name] != before.get(name)]
        assert (different, before.keys() - once.keys()) == ([], set()), words
    assert changed == CHANGING


def test_init_leaves_what_is_there(run: Run, own: Path, flags: list[str]) -> None:
    before = {path.name: path.read_bytes() for path in own.rglob("*.toml")}
    done = run("init", *flags, at=own)
    assert done.code == 1
    assert "exists already" in done.err
    assert {path.name: path.read_bytes() for path in own.rglob("*.toml")} == before


@pytest.mark.parametrize("words", ["sync", "bill propose 2026-09", "run 2026-09"])
def test_a_second_run_on_own_exports_changes_nothing(
    words: str, run: Run, own: Path, dump: Dump
) -> None:
    run("sync", at=own)
    run(*words.split(), at=own)
    once = dump(own)
    run(*words.split(), at=own)
    assert dump(own) == once
