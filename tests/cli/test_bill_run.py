"""`bill run`, `bill write-down` and `bill void` as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def synced(own: Path, run: Run) -> Path:
    """An MSP's own exports, under a policy that asks nobody."""
    config = own / "tallystick.toml"
    text = config.read_text()
    before, header, after = text.partition("[approval]\n")
    assert header
    policy = 'standing_limit = "300"\nfirst_run_hold = false\n'
    lines = [line for line in after.splitlines() if not line.startswith("first_run_hold")]
    config.write_text(f"{before}{header}{policy}" + "\n".join(lines) + "\n")
    assert run("sync", at=own).code == 0
    return own


def bill(run: Run, at: Path) -> dict[str, Any]:
    done = run("bill", "run", "2026-09", "--on", "2026-10-01", "--json", at=at)
    assert done.code == 0
    report: dict[str, Any] = json.loads(done.out)
    return report


def test_every_client_is_billed_or_waits(run: Run, synced: Path) -> None:
    report = bill(run, synced)
    billed = [(one["number"], one["gross"]["amount"]) for one in report["billed"]]
    waiting = [one["why"] for one in report["waiting"]]
    assert (report["clients"], report["clients_due"], len(billed) + len(waiting)) == (3, 3, 3)
    assert billed[0] == ("INV-2026-0001", "249.90")
    assert waiting[0] == "395.68 EUR is above the standing limit of 300."
    assert (report["failed"], report["missing"], report["problems"]) == ([], [], [])
    again = bill(run, synced)
    assert (again["proposed"], again["approved"], again["issued"], again["posted"]) == (0, 0, 0, 0)
    assert again["waiting"] == report["waiting"]


def test_a_person_reads_what_waits_and_what_comes_next(run: Run, synced: Path) -> None:
    out = run("bill", "run", "2026-09", at=synced).out
    assert "waits for a person: " in out
    assert "Next: tallystick bill approve 2026-09 --as NAME" in out


def test_a_failure_is_the_exit_code(run: Run, synced: Path) -> None:
    agreements = synced / "agreements.csv"
    agreements.write_text(agreements.read_text().replace("C-102", "C-999"))
    run("sync", at=synced)
    done = run("bill", "run", "2026-09", "--json", at=synced)
    report = json.loads(done.out)
    assert done.code == 1
    assert "belongs to client psa:C-999, which nobody knows" in report["failed"][0]["why"]
    assert report["issued"] > 0, "the others are billed all the same"


def test_a_write_down_and_its_way_out(run: Run, synced: Path) -> None:
    run("bill", "run", "2026-09", "--on", "2026-10-01", at=synced)
    words = ("bill", "write-down", "INV-2026-0001", "10.00", "--reason", "late")
    done = run(*words, at=synced)
    assert done.code == 0
    assert "A credit note of 11.90 EUR gross to " in done.out
    assert "pat gives up 10.00 EUR net of INV-2026-0001: late." in done.out
    refused = run("bill", "approve", "2026-09", at=synced)
    assert "pat prepared it; a second person must approve it" in refused.out
    review = json.loads(run("bill", "review", "2026-09", "--json", at=synced).out)
    [number] = [one["id"] for one in review if one["group"] == "write-down INV-2026-0001:1"]
    void = run("bill", "void", "--proposal", str(number), "--reason", "no", at=synced)
    assert (void.code, void.out) == (0, "1 proposal void, -11.90 EUR gross.\n")
    assert run("bill", "void", "--proposal", str(number), "--reason", "no", at=synced).code == 1
    assert run(*words[:3], "ten", "--reason", "late", at=synced).code == 2
