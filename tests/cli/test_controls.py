"""Stopping, planning and dunning as people type it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from .conftest import Run

STEPS = """
[[dunning]]
after_days = 7
fee = { EUR = "40.00" }

[email]
host = "mail.example"
sender = "billing@msp.example"
attach = ["html"]
"""


def unpaid(quarter: Path) -> str:
    """An invoice of the quarter as if nobody had paid it."""
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database, database:
        query = "SELECT number FROM invoice WHERE kind = 'invoice' AND currency = 'EUR' ORDER BY 1"
        number = str(database.execute(query).fetchone()[0])
        done = "UPDATE invoice SET state = 'posted', settled_minor = 0 WHERE number = ?"
        database.execute(done, (number,))
    return number


def test_money_is_stopped_by_one_and_let_go_by_another(run: Run, quarter: Path) -> None:
    number = unpaid(quarter)
    done = run("hold", "--why", "wrong mandates", "--as", "anna", at=quarter)
    assert "All payments are held by anna" in done.out
    assert "wrong mandates" in run("cash", "collect", at=quarter).out
    assert "held by anna: wrong mandates" in run("status", at=quarter).out
    assert run("hold", "--lift", "--as", "anna", at=quarter).code == 1
    assert "Nothing is held." in run("hold", "--lift", "--as", "ben", at=quarter).out
    assert run("hold", number, "--why", "disputed", at=quarter).code == 0
    held = json.loads(run("hold", "--json", at=quarter).out)["held"]
    assert [(one["subject"], one["by"]) for one in held] == [(number, "pat")]
    assert run("hold", number, at=quarter).code == 1
    assert run("hold", number, "--lift", "--why", "x", at=quarter).code == 1
    assert "There is no client" in run("hold", "nobody", "--why", "x", at=quarter).err
    logged = json.loads(run("cash", "log", "--json", at=quarter).out)
    assert [(one["kind"], one["subject"], one["by"]) for one in logged] == [
        ("hold", "payments", "anna"),
        ("lift", "payments", "ben"),
        ("hold", number, "pat"),
    ]
    assert "disputed" in run("cash", "log", at=quarter).out
    assert run("verify", at=quarter).code == 0


def test_a_plan_is_agreed_shown_and_ended(run: Run, quarter: Path) -> None:
    number = unpaid(quarter)
    words = ("cash", "plan", number, "--parts", "3", "--from", "2026-12-01")
    done = run(*words, "--json", at=quarter)
    [one] = json.loads(done.out)
    assert [part["due_on"] for part in one["instalments"]] == [
        "2026-12-01",
        "2027-01-01",
        "2027-02-01",
    ]
    assert number in run("cash", "plan", at=quarter).out
    assert run("cash", "plan", number, at=quarter).code == 1
    assert run("cash", "plan", number, "--end", "paid", at=quarter).code == 0
    assert "no payment plan" in run("cash", "plan", at=quarter).out


def test_a_release_is_recorded(run: Run, quarter: Path) -> None:
    number = unpaid(quarter)
    assert run("hold", number, "--why", "a question", at=quarter).code == 0
    listed = json.loads(run("cash", "escalations", "--json", at=quarter).out)
    assert [(one["number"], one["why"]) for one in listed] == [
        (number, "It is held by pat: a question.")
    ]
    done = run("cash", "release", number, "--why", "agreed", "--as", "zoe", at=quarter)
    assert "may be collected beyond the caps" in done.out
    assert run("cash", "release", "INV-0", "--why", "x", at=quarter).code == 1


def test_reminders_are_shown_and_written_before_they_are_sent(run: Run, quarter: Path) -> None:
    number = unpaid(quarter)
    with (quarter / "tallystick.toml").open("a", encoding="utf-8") as config:
        config.write(STEPS)
    shown = json.loads(run("cash", "dunning", "--json", at=quarter).out)
    [letter] = shown["letters"]
    assert (shown["sent"], letter["steps"]) == (False, {number: 1})
    assert letter["fee"] == {"amount": "40.00", "currency": "EUR"}
    assert "Due" in run("cash", "dunning", "--preview", at=quarter).out
    mail = (quarter / "mail-preview" / f"dunning-{number}.eml").read_text(encoding="utf-8")
    assert "From: " in mail
    assert run("cash", "dunning", "--preview", "--send", at=quarter).code == 1
    assert run("hold", number, "--why", "disputed", at=quarter).code == 0
    assert f"{number} is not dunned" in run("cash", "dunning", at=quarter).out
