"""Allowance used in the profit table: the same as SQL alone makes of bookings and tickets."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped] # it ships no type information
from sqlalchemy import text

from tallystick.cli.documents import plain
from tallystick.cli.profit_files import write_csv, write_sheet
from tallystick.cli.profiting import document_of
from tallystick.errors import Stop
from tallystick.insight.allowances import DEFINITION, Used
from tallystick.insight.profit import RowKey
from tallystick.insight.report import Report, page
from tallystick.period import Period, month, parse_period
from tallystick.records import ContractLine, Record
from tallystick.store.books import periods
from tallystick.views.explain_profit import explain_profit
from tallystick.views.profit import By, ProfitView, profit

from .msp import NOON, SEPTEMBER, Msp
from .told import booking, client, contract, fixed, hourly, prepaid, ticket

HALF = parse_period("2026-07..2026-12")
CLIENTS = 5
WORKED = """
SELECT c.id, sum(b.seconds) FROM booking b JOIN contract c ON c.client = b.client
WHERE b.billable = 'billable' AND b.work_type = :kind AND b.work_date >= :start
AND b.work_date < :end GROUP BY c.id
"""
CLOSED = """
SELECT c.id, count(*) FROM ticket t JOIN contract c ON c.client = t.client
WHERE t.closed_at >= :start AND t.closed_at < :end GROUP BY c.id
"""


def incidents(ref: str, of: str, included: int) -> ContractLine:
    terms = {"unit_price": "80", "included": included}
    return ContractLine(id=ref, contract=of, description=ref, model="per_incident", terms=terms)


def retainer(ref: str, of: str) -> ContractLine:
    terms = {"unit_price": "300", "rate_card": "standard", "work_types": ["project"]}
    return ContractLine(id=ref, contract=of, description=ref, model="retainer", terms=terms)


def agreed(number: int) -> Iterator[Record]:
    """Five hours of remote work a month, six of calls a quarter; ten of onsite work prepaid, the
    rest of which is good for a month more; 300.00 of projects; two tickets; the rest by the hour.
    """
    of = f"C{number}"
    yield client(f"K{number}")
    yield contract(of, f"K{number}")
    calls = {"allowance_hours": "6", "allowance_cycle": "quarter"}
    for ref, kind, covers in (("R", "remote", {"allowance_hours": "5"}), ("Q", "call", calls)):
        yield fixed(f"{ref}{number}", of, work_types=[kind], covers=covers)
    more = {"overage": "pass", "rollover_periods": 1, "work_types": ["onsite"]}
    yield prepaid(f"P{number}", of, **more)
    yield retainer(f"M{number}", of)
    yield incidents(f"I{number}", of, 2)
    yield hourly(f"H{number}", of)


def world(msp: Msp, seed: int) -> Msp:
    chance = Random(seed)
    told: list[Record] = [one for number in range(CLIENTS) for one in agreed(number)]
    told += [client("K9"), contract("C9", "K9"), fixed("F9", "C9", work_types=["*"])]
    for number in range(500):
        told.append(
            booking(
                str(number),
                f"K{chance.choice([*range(CLIENTS), 9])}",
                HALF.start + timedelta(days=chance.randrange(184)),
                seconds=chance.randrange(1, 13) * 900,
                work_type=chance.choice(["remote", "call", "onsite", "project", "other"]),
                billable=chance.choice(["billable", "billable", "never"]),
            )
        )
    for number in range(80):
        closed = datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(days=chance.randrange(184))
        told.append(ticket(f"T{number}", f"K{chance.randrange(CLIENTS)}", closed_at=closed))
    msp.tell(*told)
    return msp


def view(msp: Msp, period: Period, by: By = "line", of: str | None = None) -> ProfitView:
    return profit(msp.database, msp.cells, period, by, msp.terms, client=of, allowance=True)


def asked(msp: Msp, query: str, period: Period, **more: str) -> dict[str, int]:
    within = {"start": period.start.isoformat(), "end": period.end.isoformat(), **more}
    with msp.database.read() as connection:
        return {ref: int(many) for ref, many in connection.execute(text(query), within)}


def expected(msp: Msp) -> dict[Period, dict[tuple[str, str], Used]]:
    """By month, line and unit: from the sums that SQL makes of each month."""
    found: dict[Period, dict[tuple[str, str], Used]] = {}
    rolled = dict.fromkeys(range(CLIENTS), Fraction(0))
    called = dict.fromkeys(range(CLIENTS), Fraction(0))
    for period in HALF.months():
        sums = {
            kind: asked(msp, WORKED, period, kind=kind)
            for kind in ("remote", "call", "onsite", "project")
        }
        tickets = asked(msp, CLOSED, period)
        own = found[period] = {}
        for n in range(CLIENTS):
            worked = {kind: Fraction(of.get(f"C{n}", 0), 3600) for kind, of in sums.items()}
            own[f"psa:R{n}", "hours"] = used(worked["remote"], 5)
            if period.start.month in (7, 10):
                called[n] = Fraction(0)
            own[f"psa:Q{n}", "hours"] = used(worked["call"], 6 - called[n])
            called[n] += own[f"psa:Q{n}", "hours"].used
            own[f"psa:P{n}", "hours"] = drawn = used(worked["onsite"], rolled[n] + 10)
            rolled[n] = 10 - max(drawn.used - rolled[n], Fraction(0))
            own[f"psa:M{n}", "money"] = used(worked["project"] * 95, 300)
            own[f"psa:I{n}", "tickets"] = used(Fraction(tickets.get(f"C{n}", 0)), 2)
    return found


def used(wanted: Fraction, available: Fraction | int) -> Used:
    return Used(min(wanted, Fraction(available)), Fraction(available))


def told(found: ProfitView) -> dict[tuple[str, str], Used]:
    return {
        (key.ref, unit): of
        for key, units in found.allowances.items()
        for unit, of in units.items()
        if key.ref != "total"
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_month_uses_what_sql_alone_finds(fresh: Callable[[], Msp], seed: int) -> None:
    msp = world(fresh(), seed)
    months = expected(msp)
    for period, lines in months.items():
        assert told(view(msp, period)) == lines
    some = [of for lines in months.values() for of in lines.values()]
    assert any(of.used == of.available for of in some)
    assert any(not of.used for of in some)
    half = told(view(msp, HALF))
    for key, of in half.items():
        assert of.used == sum(lines[key].used for lines in months.values())
        if key[0][4] in "RMI":
            assert of.available == sum(lines[key].available for lines in months.values())
    assert half["psa:Q1", "hours"].available == 12
    assert half["psa:P1", "hours"].available == 60


def test_contracts_and_clients_sum_their_lines(fresh: Callable[[], Msp]) -> None:
    msp = world(fresh(), 7)
    lines = view(msp, SEPTEMBER).allowances
    whole = lines[RowKey("total", "EUR")]
    for by, letter in (("contract", "C"), ("client", "K")):
        found = view(msp, SEPTEMBER, by).allowances  # type: ignore[arg-type] # both are a By
        assert found[RowKey("total", "EUR")] == whole
        assert len(found) == CLIENTS + 1
        for n in range(CLIENTS):
            own = found[RowKey(f"psa:{letter}{n}", "EUR")]
            for unit, of in own.items():
                parts = [
                    units[unit]
                    for key, units in lines.items()
                    if key.ref[5:] == str(n) and unit in units
                ]
                assert of.used == sum(part.used for part in parts)
                assert of.available == sum(part.available for part in parts)
            alone = view(msp, SEPTEMBER, by, f"psa:K{n}").allowances  # type: ignore[arg-type] # By
            assert alone == {RowKey(f"psa:{letter}{n}", "EUR"): own, RowKey("total", "EUR"): own}


def test_the_lines_of_every_month_are_those_of_the_half_year(fresh: Callable[[], Msp]) -> None:
    """A month reads no older work than it must; a line takes the same for all that."""
    msp = world(fresh(), 5)
    whole = seconds(msp, HALF)
    months: Counter[str] = Counter()
    for period in HALF.months():
        months.update(seconds(msp, period))
    assert months == whole
    assert {ref[4] for ref in whole} >= set("RQPMHF")
    before = seconds(msp, SEPTEMBER)
    with msp.database.write() as connection:
        until_september = Period(HALF.start, SEPTEMBER.start)
        periods.add(connection, "closed", until_september, "anna", NOON, "")
    msp.tell(booking("late", "K9", date(2026, 8, 3), seconds=60))
    assert seconds(msp, SEPTEMBER) == before + Counter({"psa:F9": 60})


def seconds(msp: Msp, period: Period) -> Counter[str]:
    found = profit(msp.database, msp.cells, period, "line", msp.terms)
    return Counter({row.ref: row.seconds for row in found.rows})


def test_what_nobody_used_has_a_row(msp: Msp) -> None:
    msp.tell(client(), contract(), prepaid("P1"))
    found = view(msp, SEPTEMBER, "contract")
    [row] = found.rows
    assert (row.ref, str(row.revenue), row.seconds) == ("psa:C1", "0.00 EUR", 0)
    assert str(found.allowances[RowKey("psa:C1", "EUR")]["hours"]) == "0 of 10"
    assert view(msp, month(2026, 6), "contract").rows == []


def test_a_bought_package_counts_while_it_can_be_used(msp: Msp) -> None:
    """Ten hours bought once on 1 July for 3 months; 4 used in July, 2 in September."""
    once = {"bought": "once", "expires_after": {"months": 3}}
    msp.tell(client(), contract(), prepaid("P1", **once))
    msp.tell(booking("1", day=date(2026, 7, 9), seconds=4 * 3600))
    msp.tell(booking("2", day=date(2026, 9, 9), seconds=2 * 3600))
    shown = [
        {unit: str(of) for unit, of in view(msp, month(2026, n)).allowances.get(KEY, {}).items()}
        for n in (7, 8, 9, 10)
    ]
    assert shown == [{"hours": "4 of 10"}, {"hours": "0 of 6"}, {"hours": "2 of 6"}, {}]
    assert str(view(msp, parse_period("2026-Q3")).allowances[KEY]["hours"]) == "6 of 10"


KEY = RowKey("psa:P1", "EUR")


def test_a_table_allowances_say_nothing_in(office: Msp) -> None:
    with pytest.raises(Stop, match="belong to contract lines, and to no technician"):
        view(office, SEPTEMBER, "technician")


def test_explain_and_every_file_say_the_same(fresh: Callable[[], Msp], tmp_path: Path) -> None:
    msp = world(fresh(), 3)
    found = view(msp, SEPTEMBER)
    own = {key: of for key, of in told(found).items() if key[0].endswith("2")}
    story = explain_profit(msp.database, msp.cells, msp.terms, "C2", SEPTEMBER)
    assert {(one.line, one.unit): (one.used, one.available) for one in story.allowances} == {
        key: tuple(map(_decimal, of)) for key, of in own.items()
    }
    assert found.units == ["hours", "tickets", "money"]
    write_csv(tmp_path / "p.csv", found)
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["ref"]: row for row in csv.DictReader(file)}
    write_sheet(tmp_path / "p.xlsx", found)
    book = load_workbook(BytesIO((tmp_path / "p.xlsx").read_bytes()))
    heads = [cell.value for cell in book["profit"][1]]
    for (ref, unit), of in own.items():
        written = [rows[ref][f"{unit}_{what}"] for what in ("used", "available")]
        assert [Decimal(one) for one in written] == list(map(_decimal, of))
        [line] = [row for row in book["profit"].iter_rows(min_row=2) if row[0].value == ref]
        assert line[heads.index(f"{unit}_used")].value == float(of.used)
    assert f"used: {DEFINITION}" in [row[0].value for row in book["about"].iter_rows()]
    document: Any = plain(document_of(found))
    [row] = [row for row in document["rows"] if row["ref"] == "psa:I2"]
    assert row["allowances"]["tickets"]["available"] == "2"
    assert document["allowances"] == DEFINITION
    made = page(
        Report(
            *("", "", found.rows, found.totals, {}, {}, {}, {}, [], ""),
            allowances=found.allowances,
        )
    )
    assert "<th>tickets used</th>" in made and DEFINITION in made
    assert f"<td>{own['psa:M2', 'money']}</td>" in made


def _decimal(of: Fraction) -> Decimal:
    """All figures of this world have few places."""
    exact = Decimal(of.numerator) / of.denominator
    assert of == Fraction(exact)
    return exact


def test_the_page_says_what_the_figure_is() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs/profit.md").read_text("utf-8")
    assert DEFINITION in " ".join(told.split())
