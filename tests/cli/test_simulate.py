"""`bill simulate`: changed terms over a real quarter, against what was really invoiced."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
OVER = "2026-07..2026-09"
CHANGES = """\
[[line]]
id = "AA-1001-1"
terms = { unit_price = "4500.00", work_types = ["remote"] }

[[line]]
id = "AA-1001-2"
remove = true

[[line]]
id = "NEW"
model = "fixed"
description = "Monitoring"
terms = { unit_price = "99.00" }
"""


def simulated(run: Run, at: Path, changes: str, *more: str) -> Any:
    (at / "changed.toml").write_text(changes, encoding="utf-8")
    words = ("bill", "simulate", "AG-1001", "--with", "changed.toml", "--over", OVER)
    return run(*words, *more, at=at)


def amount(one: dict[str, Any], name: str) -> Decimal:
    return Decimal(one[name]["amount"])


def test_as_it_is_is_what_was_invoiced_and_the_rest_is_the_change(run: Run, quarter: Path) -> None:
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        before_all = list(database.iterdump())
        query = "SELECT line, sum(net_minor) FROM invoice_line WHERE contract = ? GROUP BY line"
        invoiced = dict(database.execute(query, ["psa:AG-1001"]).fetchall())
        query = "SELECT -sum(amount_minor) FROM posting WHERE account = ? AND currency = 'EUR'"
        [(deferred,)] = database.execute(query, ["Liabilities:Deferred"]).fetchall()
    invoiced["psa:AA-1001-4"] -= deferred  # the only line in advance; it runs until December
    found = json.loads(simulated(run, quarter, CHANGES, "--json").out)
    by_line: dict[str, list[Decimal]] = {}
    for one in found["months"]:
        cell = by_line.setdefault(one["line"], [Decimal(0), Decimal(0)])
        cell[0] += amount(one, "before")
        cell[1] += amount(one, "after")
    assert {line: int(was * 100) for line, (was, _) in by_line.items() if was} == invoiced
    assert by_line["psa:AA-1001-1"][1] - by_line["psa:AA-1001-1"][0] == 3 * 150
    assert by_line["psa:AA-1001-2"][1] == 0 < by_line["psa:AA-1001-2"][0]
    assert by_line["psa:NEW"] == [0, 3 * 99]
    covered, billed = (
        next(one for one in found["hours"] if one["bucket"] == bucket)
        for bucket in ("covered", "billed")
    )
    moved = covered["before_s"] - covered["after_s"]
    assert moved == billed["after_s"] - billed["before_s"] > 0
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        assert list(database.iterdump()) == before_all


def test_a_dearer_card_makes_the_hours_dearer_in_proportion(run: Run, quarter: Path) -> None:
    card = '[[rate_card]]\nname = "standard"\ncurrency = "EUR"\nrate = [{{ hourly = "{}" }}]\n'
    single, double = (
        json.loads(simulated(run, quarter, card.format(price), "--json").out)["months"]
        for price in ("60.00", "120.00")
    )
    hours = [
        (amount(one, "after"), amount(two, "after"))
        for one, two in zip(single, double, strict=True)
        if one["line"] == "psa:AA-1001-3"
    ]
    assert len(hours) == 3
    assert all(2 * low == high > 0 for low, high in hours)


def test_the_table_names_month_line_and_difference(run: Run, quarter: Path) -> None:
    shown = simulated(run, quarter, CHANGES).out
    for text in ("2026-07", "Betreuungspauschale", "4,350.00", "4,500.00", "150.00", "Monitoring"):
        assert text in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("[[line]]\nid = 'AA-9'\n", "no line AA-9; it has psa:AA-1001-1"),
        ("[[line]]\nid = 'AA-9'\nremove = true\n", "no line AA-9"),
        ("[contrat]\n", "changed.toml:1: There is no key `contrat`"),
        ("[[line]]\nid = 'AA-1001-1'\nterms = { unit_price = 'x' }\n", "Line psa:AA-1001-1: The"),
        ("[[line]]\nid = 'AA-1001-1'\nends_on = 'soon'\n", "changed.toml:3"),
        ("[contract]\nends_on = 'never'\n", "Contract psa:AG-1001 cannot be changed like that"),
        ("[[line]]\nid = 'AA-1001-1'\nmodel = 'magic'\n", "no charge model 'magic'"),
        ("not toml", "changed.toml:1"),
    ],
)
def test_a_change_that_does_not_fit_is_a_sentence(
    run: Run, quarter: Path, changes: str, said: str
) -> None:
    done = simulated(run, quarter, changes)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_contract_nobody_knows_is_a_sentence(run: Run, quarter: Path) -> None:
    (quarter / "changed.toml").write_text("", encoding="utf-8")
    words = ("bill", "simulate", "AG-10", "--with", "changed.toml", "--over", OVER)
    done = run(*words, at=quarter)
    assert (done.code, "There is no contract 'AG-10'" in done.err) == (1, True)


def test_a_contract_of_a_client_nobody_knows_is_a_sentence(run: Run, quarter: Path) -> None:
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database, database:
        database.execute("UPDATE contract SET client = 'gone' WHERE id = 'AG-1001'")
    done = simulated(run, quarter, CHANGES)
    assert (done.code, "belongs to client psa:gone, which nobody knows" in done.err) == (1, True)
