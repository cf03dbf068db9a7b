"""`advise` on an MSP's own exports: two years of one contract, and one that is too young."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tallystick.period import add_months

Run = Callable[..., Any]

START = date(2023, 1, 1)
MONTHS = 24
AGREEMENTS = """\
Agreement ID,Company ID,Agreement Name,Start Date,End Date,Currency
A-1,C-100,Managed workplace,01.01.2023,,EUR
A-3,C-102,Flat support,01.10.2024,,EUR
"""
ADDITIONS = """\
Addition ID,Agreement ID,Description,Billing Type,Unit Price,Device Types,Work Types,Rate Card
L-1,A-1,Managed workplace,Flat Fee,300.00,,*,
L-4,A-3,Flat support,Flat Fee,350.00,,*,
"""
COST_RATES = """\
Rate ID,Employee ID,Valid From,Hourly Cost,Currency
1,7,01.01.2023,36.00,EUR
"""


def timesheet() -> tuple[str, list[int]]:
    """Bookings of two years, mostly on-site, and the cost of each month in cents."""
    random, rows, costs = Random(7), [], []
    for at in range(MONTHS):
        costs.append(0)
        first = add_months(START, at, 1)
        for n in range(random.randint(2, 6)):
            quarters = random.randint(1, 12)
            kind = "Remote Support" if n == 0 else "On-site"
            hours = str(quarters / 4).replace(".", ",")
            day = f"{2 + 3 * n:02}.{first:%m.%Y}"
            rows.append(f'{1000 + len(rows)},,C-100,7,{kind},{day},,,"{hours}",Yes,')
            costs[-1] += 900 * quarters
    head = (
        "ID,Ticket Number,Company ID,Employee ID,Activity,Date,Begin,End,Duration (h),Billable,"
        "Description"
    )
    return "\n".join([head, *rows, ""]), costs


@pytest.fixture
def grown(exports: Path, run: Run, flags: list[str]) -> tuple[Path, list[int]]:
    sheet, costs = timesheet()
    for name, text in {
        "agreements.csv": AGREEMENTS,
        "additions.csv": ADDITIONS,
        "cost_rates.csv": COST_RATES,
        "timesheet.csv": sheet,
    }.items():
        (exports / name).write_text(text, encoding="utf-8")
    (exports / "tickets.csv").unlink()
    assert run("init", *flags, at=exports).code == 0
    for words in ("sync", "bill propose 2024-12", "bill approve 2024-12 --as vera"):
        assert run(*words.split(), at=exports).code == 0
    assert run("bill", "issue", "2024-12", "--on", "2025-01-02", at=exports).code == 0
    return exports, costs


def test_the_list_the_contract_and_the_back_test(run: Run, grown: tuple[Path, list[int]]) -> None:
    folder, costs = grown
    whole = json.loads(run("advise", "--json", at=folder).out)
    first, last = whole["contracts"]
    assert (first["contract"].partition(":")[2], first["advice"]["verdict"]) == ("A-1", "re-scope")
    assert first["advice"]["cause"]["cause"] == {"kind": "work type", "name": "On-site"}
    assert [cost["amount"] for cost in first["advice"]["costs"]] == [
        f"{cost / 100:.2f}" for cost in costs
    ]
    assert last["why_not"] == "3 months to build on, 6 are needed"

    shown = run("advise", at=folder).out
    assert "40 % margin over 12 months with 80 % probability" in shown
    assert "A-3 Flat support: no advice, 3 months to build on, 6 are needed." in shown
    assert "Next: tallystick advise A-1" in shown

    one = run("advise", "A-1", at=folder).out
    assert "Cost 2023-01..2024-12: " in one
    assert "Back-test: 16 tries on 1 contract, stated 80.0 %" in one
    assert "last month plus markup" in one

    tested = run("advise", "--back-test", at=folder).out
    assert "Back-test: 16 tries on 1 contract, stated 80.0 %" in tested


def test_the_terms_are_those_of_the_config(run: Run, grown: tuple[Path, list[int]]) -> None:
    folder, _ = grown
    before = json.loads(run("advise", "A-1", "--json", at=folder).out)
    config = folder / "tallystick.toml"
    config.write_text(
        config.read_text(encoding="utf-8")
        + '\n[advice]\ntarget_margin_percent = 55\nprobability = "0.9"\nhorizon_months = 6\n',
        encoding="utf-8",
    )
    after = json.loads(run("advise", "A-1", "--json", at=folder).out)
    needed = [float(one["contract"]["advice"]["needed"]["amount"]) for one in (before, after)]
    assert needed[1] > needed[0] * 60 / 45
    assert after["terms"]["horizon_months"] == 6


def test_a_young_installation_gets_the_reason(run: Run, own: Path) -> None:
    assert run("sync", at=own).code == 0
    shown = run("advise", at=own)
    assert shown.code == 0
    assert "A-1 Managed workplace: no advice, 1 month to build on, 6 are needed." in shown.out
    one = run("advise", "A-2", at=own).out
    assert "No advice: 1 month to build on, 6 are needed." in one
    missing = run("advise", "A-9", at=own)
    assert (missing.code, missing.out) == (1, "")
    assert "No contract 'A-9' is in force." in missing.err


@pytest.mark.parametrize("margin", ["100", "101"])
def test_no_price_leaves_a_margin_of_all(run: Run, own: Path, margin: str) -> None:
    config = own / "tallystick.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\n[advice]\ntarget_margin_percent = {margin}\n", encoding="utf-8")
    refused = run("advise", at=own)
    assert refused.code == 1
    assert "target_margin_percent" in refused.err
