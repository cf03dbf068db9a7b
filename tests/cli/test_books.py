"""`tallystick books` and `verify` as people call them, on a finished demo quarter."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def read(run: Run, at: Path, *words: str, code: int = 0) -> Any:
    done = run(*words, "--json", at=at)
    assert done.code == code, done.err
    return json.loads(done.out)


def test_the_reports_of_the_books_agree(run: Run, quarter: Path) -> None:
    balance = read(run, quarter, "books", "trial-balance")
    assert {float(one["amount"]) for one in balance["sums"].values()} == {0.0}
    assert read(run, quarter, "books", "ageing", "--on", "2026-09-30")["books_agree"]
    rolled = read(run, quarter, "books", "deferred", "2026-Q3")
    assert rolled["books_agree"] and rolled["contracts"]
    shown = run("books", "deferred", "2026-Q3", at=quarter).out
    assert "opening" in shown and "closing" in shown


def test_the_export_stands_before_its_judge(run: Run, quarter: Path) -> None:
    file = quarter / "journal.beancount"
    assert run("books", "export", str(file), at=quarter).code == 0
    judge = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([judge, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_closed_quarter_and_its_log(run: Run, quarter: Path) -> None:
    held = read(run, quarter, "books", "close", "2026-Q3", code=1)
    assert not held["closed"]
    assert any(one["count"] and one["do"] for one in held["checklist"])
    assert read(run, quarter, "books", "close", "2026-Q3", "--accept", "seen")["closed"]
    words = ("books", "reopen", "2026-Q3", "--reason", "a mistake", "--as")
    assert read(run, quarter, *words, "anna")["state"] == "reopening"
    refused = run(*words, "anna", at=quarter)
    assert (refused.code, refused.out) == (1, "")
    assert "A second person does it" in refused.err
    assert read(run, quarter, *words, "bernd")["state"] == "reopened"
    log = read(run, quarter, "books", "periods")
    assert [one["event"] for one in log["events"]] == ["closed", "reopening", "reopened"]
    assert log["open_from"] == "2026-07-01"


def test_a_rebuild_leaves_nothing_to_be_told_later(run: Run, quarter: Path) -> None:
    """The first table by line after it prices nobody again; one by ticket that was kept before is
    kept again."""
    assert run("profit", "2026-Q3", "--by", "ticket", at=quarter).code == 0
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        shared = database.execute("SELECT * FROM part_told").fetchall()
    assert read(run, quarter, "books", "rebuild")["bookings"]
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        assert database.execute("SELECT * FROM part_told").fetchall() == shared
        told = database.execute("SELECT * FROM line_effort").fetchall()
        assert database.execute("SELECT count(*) FROM line_behind").fetchone() == (0,)
    assert told and shared
    assert run("profit", "2026-Q3", "--by", "line", at=quarter).code == 0
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        assert database.execute("SELECT * FROM line_effort").fetchall() == told


def test_verify_names_the_entry_and_compares_with_the_anchor(run: Run, quarter: Path) -> None:
    assert run("books", "anchor", "anchor.json", at=quarter).code == 0
    whole = run("verify", "--anchor", "anchor.json", at=quarter)
    assert (whole.code, "and what anchor.json says" in whole.out) == (0, True)
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database, database:
        database.execute("UPDATE posting SET client = 'psa:1' WHERE entry = 5 AND position = 1")
    done = run("verify", at=quarter)
    assert done.code == 1
    assert done.out.startswith("journal 5: Entry 5 (invoice:INV-2026-0005) is not what")
    other = run("verify", "--anchor", "nowhere.json", at=quarter)
    assert (other.code, other.err.startswith("nowhere.json is not an anchor")) == (1, True)
