"""Effort by contract line follows every change: it is what pricing all of it again would tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from msgspec import structs
from sqlalchemy import insert, update

from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.cycle.pricing_client import price_client
from tallystick.insight.profit import ProfitRow
from tallystick.period import Period, add_months
from tallystick.records import Booking, Record, Technician
from tallystick.store.facts.schema import link
from tallystick.store.profit.keeping import Keeper
from tallystick.store.profit.rebuilding import rebuild
from tallystick.store.profit.schema import effort, line_behind, line_effort
from tallystick.views.profit import profit

from .msp import SEPTEMBER, Msp
from .test_profit_allowances import world as allowances
from .test_profit_cells import change_at_random, ready
from .told import asset, booking, client, contract, fixed, hourly, prepaid, ticket

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
Told = Counter[tuple[str, date, str]]


def told(msp: Msp) -> Told:
    """Seconds by client, month and line as they are kept, brought up to date by reading them."""
    profit(msp.database, msp.cells, YEAR, "line", msp.terms)
    found = Told()
    for row in msp.rows(line_effort):
        found[row.client, row.month, row.line] += row.seconds
    return Told({key: seconds for key, seconds in found.items() if seconds})


def priced_again(msp: Msp) -> Told:
    """The same from the facts, each month from those up to its end."""
    found = Told()
    rows = msp.rows(effort)
    for first in {row.month for row in rows}:
        end = add_months(first, 1, 1)
        lines: dict[tuple[str, str], Told] = {}
        for facts in msp.facts(end):
            for one in price_client(facts, msp.terms, end).placements:
                own = lines.setdefault((facts.client.id, one.booking), Told())
                own[facts.client.id, first, one.line or ""] += one.seconds
        for row in rows:
            if row.month == first:
                nowhere = Told({(row.client, first, ""): row.seconds})
                own = lines.get((row.client, row.booking), nowhere)
                found.update(own if own.total() == row.seconds else nowhere)
    return Told({key: seconds for key, seconds in found.items() if seconds})


def agreed(of: int) -> list[Record]:
    """Servers, then an hour a month of anything, then a block, then by the hour; and a device."""
    named = f"C{of}"
    device = asset(f"M{of}", f"S{of}")
    hour = {"allowance_hours": "1"}
    return [
        client(f"K{of}"),
        contract(named, f"K{of}", starts_on=YEAR.start),
        fixed(f"S{of}", named, work_types=["*"], covers={"asset_types": ["server"]}),
        fixed(f"A{of}", named, work_types=["*"], covers=hour),
        prepaid(f"B{of}", named, overage="pass", work_types=["remote"]),
        hourly(f"H{of}", named),
        ticket(f"D{of}", f"K{of}", asset=f"A{of}"),
        device,
    ]


def work(chance: Random, of: int, day: date) -> Booking:
    named = {"contract": f"C{of}", "technician": f"P{chance.randrange(4)}"}
    kind = chance.choice(["remote", "onsite"])
    at = chance.choice([f"D{of}", None])
    length = chance.randrange(60, 9000)
    ref = f"W{chance.randrange(90)}"
    return booking(ref, f"K{of}", day, ticket=at, seconds=length, work_type=kind, **named)


def move_what_places(msp: Msp, chance: Random) -> None:
    """A device or a technician is told anew, which no cost follows."""
    of = chance.randrange(3)
    kind = chance.choice(["server", "pc"])
    msp.tell(structs.replace(asset(f"M{of}", f"S{of}"), type=kind), source="rmm")
    role = chance.choice(["senior", "junior"])
    ref = f"P{chance.randrange(4)}"
    msp.tell(Technician(id=ref, name=ref, role=role))


def link_device(msp: Msp, copy: str, home: str) -> None:
    with msp.database.write() as connection:
        at = {"kind": "asset", "connection": "psa", "id": copy, "rule": "told"}
        with Keeper(msp.cells)(connection, "psa", "link.asset", [copy]):
            connection.execute(insert(link).values(**at, home_connection="rmm", home_id=home))


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_the_lines_are_those_pricing_tells(
    fresh: Callable[[], Msp], seed: int
) -> None:
    msp, chance = ready(fresh()), Random(seed)
    for of in range(3):
        msp.link(f"S{of}", f"K{of}")
        link_device(msp, f"A{of}", f"M{of}")
    seen: set[str] = set()
    for turn in range(5):
        change_at_random(msp, 10 * seed + turn, changes=200, batch=40)
        for of in range(3):
            *told_there, device = agreed(of)
            msp.tell(*told_there)
            msp.tell(device, source="rmm")
            days = [YEAR.start + timedelta(days=chance.randrange(270)) for _ in range(20)]
            msp.tell(*{one.id: one for day in days if (one := work(chance, of, day))}.values())
        told(msp)
        move_what_places(msp, chance)
        kept = told(msp)
        assert kept == priced_again(msp), turn
        seen |= {ref[4:5] for *_, ref in kept}
    assert seen >= set("SABH")


def test_a_rebuild_tells_the_same(fresh: Callable[[], Msp]) -> None:
    msp = allowances(fresh(), 3)
    before = told(msp)
    rebuild(msp.database, msp.cells)
    assert told(msp) == before == priced_again(msp)


def test_a_change_that_costs_nothing_may_move_work_to_another_line(msp: Msp) -> None:
    """The device becomes a server; then the technician's hour costs twice what is prepaid."""
    rates = (Rate(Decimal(50)), Rate(Decimal(200), role="senior"))
    msp.terms = replace(msp.terms, book=PriceBook({"standard": RateCard("standard", "EUR", rates)}))
    msp.tell(client(), contract(), Technician(id="T1", name="T", role="junior"))
    msp.tell(fixed("S", "C1", work_types=["*"], covers={"asset_types": ["server"]}), hourly("H"))
    money = {"quantity": "100", "unit": "money", "overage": "pass", "work_types": ["*"]}
    msp.tell(prepaid("B", "C1", "100.00", **money))
    msp.link("S1", "K1")
    msp.tell(asset("A1"), source="rmm")
    link_device(msp, "A", "A1")
    msp.tell(ticket("7", asset="A"), booking("1", ticket="7"))
    assert of_lines(msp) == {"psa:S": 3600}
    msp.tell(structs.replace(asset("A1"), name="renamed"), source="rmm")
    assert not msp.rows(line_behind)
    msp.tell(structs.replace(asset("A1"), type="pc"), source="rmm")
    assert of_lines(msp) == {"psa:B": 3600}
    msp.tell(Technician(id="T1", name="T", role="senior"))
    assert of_lines(msp) == {"psa:B": 1800, "psa:H": 1800}


def of_lines(msp: Msp) -> dict[str, int]:
    return {line: seconds for (_, _, line), seconds in told(msp).items()}


def test_other_prices_place_work_anew(msp: Msp) -> None:
    msp.tell(client(), contract(), hourly("H"), booking("1"))
    money = {"quantity": "100", "unit": "money", "overage": "pass", "work_types": ["*"]}
    msp.tell(prepaid("B", "C1", "100.00", **money))
    assert of_lines(msp) == {"psa:B": 3600}
    rates = (Rate(Decimal(200)),)
    msp.terms = replace(msp.terms, book=PriceBook({"standard": RateCard("standard", "EUR", rates)}))
    assert of_lines(msp) == {"psa:B": 1800, "psa:H": 1800}


def test_other_prices_move_nobody_who_draws_on_nothing(msp: Msp) -> None:
    """K2 is not priced again: what is kept of it stays, wrong as it was made here."""
    msp.tell(client(), contract(), hourly("H"), booking("1"))
    money = {"quantity": "100", "unit": "money", "overage": "pass", "work_types": ["*"]}
    msp.tell(prepaid("B", "C1", "100.00", **money))
    msp.tell(client("K2"), contract("C2", "K2"), hourly("H2", "C2"), booking("2", "K2"))
    assert of_lines(msp) == {"psa:B": 3600, "psa:H2": 3600}
    with msp.database.write() as connection:
        connection.execute(update(line_effort).values(seconds=60))
    dearer = {"standard": RateCard("standard", "EUR", (Rate(Decimal(200)),))}
    msp.terms = replace(msp.terms, book=replace(msp.terms.book, cards=dearer))
    assert of_lines(msp) == {"psa:B": 1800, "psa:H": 1800, "psa:H2": 60}
    msp.terms = replace(msp.terms, models={})
    everybody = {(f"psa:K{of}", SEPTEMBER.start, ""): 3600 for of in (1, 2)}
    assert told(msp) == everybody, "other terms than prices place all work anew"


def test_a_month_is_told_though_the_next_cannot_be_priced_yet(msp: Msp) -> None:
    """The fee of October needs an index value that nobody has published."""
    uplift = {"since": "2026-10-01", "index": "CPI", "base": "2026-01"}
    msp.tell(client(), contract(), fixed("F", "C1", work_types=["*"], uplift=uplift))
    msp.tell(booking("1"), booking("2", day=date(2026, 10, 2)))
    assert told(msp) == {
        ("psa:K1", SEPTEMBER.start, "psa:F"): 3600,
        ("psa:K1", date(2026, 10, 1), ""): 3600,
    }


def test_a_trend_is_the_margins_of_its_months(fresh: Callable[[], Msp]) -> None:
    """As the tables of single months tell them, and nothing where a cost is not known."""
    msp = ready(fresh())
    change_at_random(msp, 4, changes=600, batch=200)
    for by in ("contract", "client"):
        whole = profit(msp.database, msp.cells, YEAR, by)
        trends = whole.trends
        months = [
            {
                (row.ref, row.revenue.currency): row.margin and row.margin.minor
                for row in profit(msp.database, msp.cells, one, by).rows
            }
            for one in YEAR.months()
        ]
        assert {key: list(trends[key]) for key in trends} == {
            key: [of_month.get(key, 0) for of_month in months] for key in trends
        }
        assert any(None in trends[key] for key in trends)
        assert set(trends) == {key for of_month in months for key in of_month}
        first = profit(msp.database, msp.cells, YEAR, by, shown=2)
        seen = _first_of_each(whole.rows, 2)
        assert first.trends == {row.key: trends[row.key] for row in seen}
        assert _first_of_each(first.rows, 2) == seen
        assert first.totals == whole.totals


def _first_of_each(rows: list[ProfitRow], most: int) -> list[ProfitRow]:
    """The first rows of each currency."""
    currencies = {row.currency for row in rows}
    return [
        row for one in currencies for row in [row for row in rows if row.currency == one][:most]
    ]
