"""Every profit table ties to the journal and to a computation in SQL alone, without fan-out.

`TALLYSTICK_PROFIT_ROWS=1000000` runs the same over a million bookings.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped] # it ships no type information
from sqlalchemy import text

from tallystick.books.entries import Entry, Posting
from tallystick.cli.profit_files import write_csv, write_sheet
from tallystick.errors import Stop
from tallystick.insight.charts import Column
from tallystick.insight.measures import MEASURES
from tallystick.insight.report import Report, page
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import Booking, Cost, Record
from tallystick.store.books import journal
from tallystick.store.facts import inbound
from tallystick.views.explain_profit import explain_profit
from tallystick.views.profit import By, ProfitView, profit

from .msp import NOON, SEPTEMBER, Msp
from .told import booking, client, contract, cost_rate, fixed, hourly, ticket

ROWS = int(os.environ.get("TALLYSTICK_PROFIT_ROWS", "5000"))
CLIENTS, TECHNICIANS, TICKETS = 40, 9, 200
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
TABLES: tuple[By, ...] = get_args(By)


EFFORT = """
SELECT coalesce({dimension}, '') AS part, sum(b.seconds), sum((
    SELECT (2 * CAST(round(r.hourly * 100) AS INTEGER) * b.seconds + 3600) / 7200
    FROM cost_rate r WHERE r.technician = b.technician AND r.valid_from <= b.work_date
    AND r.connection = 'psa' ORDER BY r.valid_from DESC, r.id DESC LIMIT 1))
FROM booking b LEFT JOIN ticket t ON t.id = b.ticket AND t.connection = b.connection
WHERE b.connection = 'psa' GROUP BY 1 ORDER BY 1
"""
"""Seconds and cost of all bookings, the rate of the day looked up for each."""
FANNED_OUT = """
SELECT sum((2 * CAST(round(r.hourly * 100) AS INTEGER) * b.seconds + 3600) / 7200)
FROM booking b JOIN cost_rate r ON r.technician = b.technician AND r.valid_from <= b.work_date
WHERE b.connection = 'psa'
"""
"""The same with a join too many: a booking counts once for each rate there ever was."""
DIMENSIONS = {
    "client": "'psa:' || b.client",
    "technician": "'psa:' || b.technician",
    "ticket": "'psa:' || b.ticket",
    "ticket-type": "t.type",
    "work-type": "b.work_type",
    "month": "substr(b.work_date, 1, 7)",
}
NOTHING = {"no ticket": "", "no ticket type": "", "no work type": "", "not allocated": ""}


def world(msp: Msp, rows: int) -> Msp:
    """A year of work for forty clients with one contract each, and a fee a month."""
    chance = Random(11)
    told: list[Record] = []
    for number in range(CLIENTS):
        ref = f"K{number}"
        told += [client(ref), contract(f"C{number}", ref, starts_on=YEAR.start)]
        told += [fixed(f"F{number}", f"C{number}"), hourly(f"H{number}", f"C{number}")]
    for number in range(TECHNICIANS):
        for month in (1, 4, 9):
            since = date(2026, month, 1)
            rate = f"{30 + number}.{month}5"
            told.append(
                cost_rate(f"R{number}-{month}", rate, technician=f"P{number}", valid_from=since)
            )
        again = {"technician": f"P{number}", "valid_from": date(2026, 9, 1)}
        told.append(cost_rate(f"R{number}-9-again", f"{40 + number}.10", **again))
    for number in range(TICKETS):
        kind = chance.choice(["incident", "request", "alert"])
        told.append(ticket(f"T{number}", f"K{number % CLIENTS}", type=kind))
    msp.tell(*told)
    for some in _chunks(_bookings(chance, rows)):
        with msp.database.write() as connection:
            inbound.store_records(connection, "psa", "booking", some, NOON)
    _earn(msp, chance)
    return msp


def _bookings(chance: Random, rows: int) -> Iterator[Booking]:
    for number in range(rows):
        at = chance.randrange(TICKETS)
        named = {"ticket": f"T{at}"} if chance.random() < 0.8 else {}
        yield booking(
            str(number),
            f"K{at % CLIENTS}",
            YEAR.start + timedelta(days=chance.randrange(365)),
            technician=f"P{chance.randrange(TECHNICIANS)}",
            seconds=chance.randrange(1, 9) * 450 + chance.randrange(2),
            work_type=chance.choice(["remote", "onsite", None]),
            **named,
        )


def _chunks(rows: Iterator[Booking]) -> Iterator[list[Booking]]:
    some: list[Booking] = []
    for one in rows:
        some.append(one)
        if len(some) == 5000:
            yield some
            some = []
    yield some


def _earn(msp: Msp, chance: Random) -> None:
    entries = []
    for number in range(CLIENTS):
        for month in YEAR.months():
            amount = Money(chance.randrange(-1000, 90_000), "EUR")
            of = (f"psa:K{number}", f"psa:C{number}", f"psa:F{number}", month.start)
            legs = (Posting("Assets:Receivable", amount), Posting("Income:Fixed", -amount, *of))
            entries.append(Entry(f"fee:{number}:{month}", month.start, "Fee", legs))
    with msp.database.write() as connection:
        journal.record(connection, entries, NOON)


def ask(msp: Msp, query: str) -> list[Any]:
    with msp.database.read() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def view(msp: Msp, by: By, period: Period = YEAR) -> ProfitView:
    return profit(msp.database, msp.cells, period, by, msp.terms)


def test_every_table_ties_to_the_journal_and_to_sql_alone(fresh: Callable[[], Msp]) -> None:
    msp = world(fresh(), ROWS)
    [(revenue,)] = ask(msp, "SELECT -sum(amount_minor) FROM posting WHERE account LIKE 'Income:%'")
    for by in TABLES:
        found = view(msp, by)
        assert sum(row.revenue.minor for row in found.rows) == revenue, by
        if by in DIMENSIONS:
            expected = ask(msp, EFFORT.format(dimension=DIMENSIONS[by]))
            ours = sorted(
                (NOTHING.get(row.ref, row.ref), row.seconds, row.effort_cost.minor)
                for row in found.rows
                if row.ref != "not allocated"
            )
            assert ours == expected, by
        else:
            [(_, seconds, cost)] = ask(msp, EFFORT.format(dimension="''"))
            assert sum(row.seconds for row in found.rows) == seconds, by
            assert sum(row.effort_cost.minor for row in found.rows) == cost, by


def test_the_check_would_catch_a_join_too_many(fresh: Callable[[], Msp]) -> None:
    """Four rates a technician: the join makes two to four bookings of one."""
    msp = world(fresh(), 500)
    [(_, _, cost)] = ask(msp, EFFORT.format(dimension="''"))
    [(fanned_out,)] = ask(msp, FANNED_OUT)
    ours = sum(row.effort_cost.minor for row in view(msp, "technician").rows)
    assert ours == cost
    assert fanned_out > 1.5 * ours


def test_explain_sums_to_the_figure_it_explains(fresh: Callable[[], Msp]) -> None:
    msp = world(fresh(), 800)
    bought = {"amount": Decimal("91.00"), "currency": "EUR", "contract": "C3", "client": "K3"}
    spread = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 8, 31)}
    msp.tell(Cost(id="X", kind="licence", **bought, **spread))
    period = Period(date(2026, 6, 1), date(2026, 7, 1))
    [row] = [one for one in view(msp, "contract", period).rows if one.ref == "psa:C3"]
    story = explain_profit(msp.database, msp.cells, msp.terms, "C3", period)
    assert story.figures == [row]
    assert sum(one.amount.minor for one in story.earned) == row.revenue.minor
    assert sum(one.labour.minor for one in story.spent) == row.labour.minor
    assert sum(one.seconds for one in story.spent) == row.seconds
    assert [str(one.amount) for one in story.bought] == ["30.00 EUR"] == [str(row.direct_cost)]
    assert story.earned[0].source == "fee:3:2026-06"


def test_explain_says_where_there_is_nothing(office: Msp) -> None:
    with pytest.raises(Stop, match="neither revenue nor cost"):
        explain_profit(office.database, office.cells, office.terms, "C1", SEPTEMBER)


def test_measures_of_other_systems_by_name(office: Msp) -> None:
    """Billed 242.50 in October for September: 100 fee and 1.5 h at 95."""
    office.tell(cost_rate("R1"), booking("1"), booking("2", seconds=1800))
    office.tell(
        Cost(id="X", client="K1", amount=Decimal("12.50"), currency="EUR", spent_on=NOON.date())
    )
    office.bill()
    period = Period(date(2026, 9, 1), date(2026, 11, 1))
    found = profit(
        office.database, office.cells, period, "contract", office.terms, "hours", list(MEASURES)
    )
    [row] = found.rows
    measured = dict(zip(MEASURES, found.measures[next(iter(found.measures))], strict=True))
    assert {name: str(value) for name, value in measured.items()} == {
        "billed": "442.50 EUR",
        "profit": "370.00 EUR",
        "effective-rate": "295.00 EUR",
        "effective-rate-less-tool-cost": "286.67 EUR",
        "effective-rate-less-tool-retail": "295.00 EUR",
        "contribution-per-hour": "246.67 EUR",
        "efficiency-ratio": "3.11",
    }
    assert str(row.direct_cost) == "12.50 EUR"
    assert set(found.definitions) == set(MEASURES)
    with pytest.raises(Stop, match="There is no measure 'joy'"):
        profit(office.database, office.cells, period, "contract", None, "hours", ["joy"])
    with pytest.raises(Stop, match="invoices say nothing by ticket"):
        profit(office.database, office.cells, period, "ticket", None, "hours", ["billed"])


HOSTILE = '=HYPERLINK("http://evil")<script>alert(1)</script>\u202e'


def test_names_are_inert_wherever_they_are_written(office: Msp, tmp_path: Path) -> None:
    office.tell(client("K1", name=HOSTILE), cost_rate("R1"), booking("1"))
    office.bill()
    found = view(office, "client", SEPTEMBER)
    write_csv(tmp_path / "p.csv", found)
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert row["name"] == f"'{HOSTILE}"
    assert (row["revenue"], row["margin"], row["hours"]) == ("195.00", "155.00", "1.00")
    write_sheet(tmp_path / "p.xlsx", found)
    sheet = load_workbook(BytesIO((tmp_path / "p.xlsx").read_bytes()))["profit"]
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["name"].data_type == "s" and cells["name"].value.startswith("=HYPERLINK")
    assert cells["revenue"].data_type == "n" and cells["revenue"].value == 195
    months = {"EUR": [Column("<u>", 1, -1, HOSTILE), Column("2", 1, 1, "")]}
    made = page(
        Report(HOSTILE, HOSTILE, found.rows, found.totals, months, {}, {}, {}, [HOSTILE], HOSTILE)
    )
    assert "<script" not in made and "\u202e" not in made and "<u>" not in made
    assert not re.search(r"(src=|href=|@import|url\()", made.replace("http://evil", ""))


def test_the_report_of_a_quiet_month_is_a_page_too() -> None:
    assert "What the figures mean" in page(Report("", "", [], [], {}, {}, {}, {}, [], ""))


def test_the_page_says_what_the_measures_are() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs/profit.md").read_text("utf-8")
    for name, measure in MEASURES.items():
        assert f"| `{name}` | {measure.definition} |" in told
