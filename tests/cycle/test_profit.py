"""Profit, effort and exchange: pure figures against fractions worked out apart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Work
from tallystick.books.direct import shares
from tallystick.books.effort import Costing, cost, effort, rates_by_technician
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.books.overhead import Overhead, by_capacity
from tallystick.errors import Stop
from tallystick.insight.profit import (
    Figures,
    RowKey,
    per_hour,
    percent,
    rows,
    total_rows,
    totals,
    worst_first,
)
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import CostRate

JANUARY = date(2026, 1, 1)
days = st.integers(0, 300).map(lambda n: JANUARY + timedelta(days=n))
minors = st.integers(-(10**9), 10**9)
seconds = st.integers(0, 24 * 3600)
hourlies = st.decimals("0.01", "500", places=3)


def rounded(exact: Fraction) -> int:
    """Half away from zero, written out."""
    below = abs(exact).numerator * 2 // abs(exact).denominator
    whole = (below + 1) // 2
    return whole if exact > 0 else -whole


def rate(ref: str, day: date, hourly: Decimal, technician: str = "T1") -> CostRate:
    return CostRate(id=ref, technician=technician, valid_from=day, hourly=hourly, currency="EUR")


@given(st.lists(st.tuples(days, hourlies), max_size=5), days, seconds)
def test_effort_costs_the_rate_of_its_day(
    dated: list[tuple[date, Decimal]], day: date, worked: int
) -> None:
    known = [rate(f"R{n}", since, hourly) for n, (since, hourly) in enumerate(dated)]
    others = [rate("X", JANUARY, Decimal(999), "T2"), rate("later", date.max, Decimal(1))]
    work = Work("b", day, worked, technician="T1")
    found = cost(work, rates_by_technician([*known, *others]))
    in_force = [(since, f"R{n}", of) for n, (since, of) in enumerate(dated) if since <= day]
    if not in_force:
        assert found is None
        return
    expected = rounded(Fraction(max(in_force)[2]) * worked / 36)
    assert found == Money(expected, "EUR")
    assert found == cost(work, rates_by_technician([*others, *reversed(known), *known]))


few_days = st.integers(0, 4).map(lambda n: JANUARY + timedelta(days=n))
asked = st.tuples(
    st.sampled_from([0, 60, 899, 900]),
    few_days,
    st.sampled_from(["EUR", "CHF", "USD", ""]),
    st.sampled_from([None, "7", "7.005"]),
)


@given(st.lists(asked), st.lists(st.tuples(few_days, st.sampled_from([0, 7, 12]))), few_days)
def test_what_was_reckoned_before_is_what_it_costs_again(
    works: list[tuple[int, date, str, str | None]],
    loaded: list[tuple[date, int]],
    changed: date,
) -> None:
    """Loads and an exchange rate that change from one day to the next are not mixed up."""
    loads = [Overhead(Decimal(percent), valid_from=day) for day, percent in loaded]
    table = [
        ExchangeRate("EUR", "CHF", Decimal(n), day) for n, day in ((2, date.min), (3, changed))
    ]
    costing = Costing(loads, table)
    for worked, day, into, hourly in works:
        own = rate(f"R{hourly}", JANUARY, Decimal(hourly)) if hourly else None
        known = [own] if own else []
        expected = effort(worked, day, own, into, loads, table)
        assert costing.on(day, known, into)(worked) == expected


def test_nobody_named_costs_nothing_known() -> None:
    rates = rates_by_technician([rate("R", JANUARY, Decimal(40))])
    assert cost(Work("b", JANUARY, 3600), rates) is None


@given(minors, hourlies.filter(bool), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_exchange_goes_both_ways(minor: int, factor: Decimal, target: str) -> None:
    places = {"EUR": 2, "JPY": 0, "KWD": 3}[target]
    amount = Money(minor, "CHF")
    exact = Fraction(minor, 100) * 10**places
    there = [ExchangeRate("CHF", target, factor)]
    back = [ExchangeRate(target, "CHF", factor)]
    for table, worth in ((there, Fraction(factor)), (back, 1 / Fraction(factor))):
        assert convert(amount, target, JANUARY, table) == Money(rounded(exact * worth), target)
    assert convert(amount, "CHF", JANUARY, []) == amount
    assert convert(amount, "USD", JANUARY, there) is None


@given(st.lists(st.tuples(days, hourlies, st.booleans()), max_size=5, unique_by=lambda one: one[0]))
def test_exchange_takes_the_latest_rate_of_the_day(
    dated: list[tuple[date, Decimal, bool]],
) -> None:
    table = [
        ExchangeRate("EUR", "CHF", of, since) if back else ExchangeRate("CHF", "EUR", of, since)
        for since, of, back in dated
    ]
    day = JANUARY + timedelta(days=150)
    found = convert(Money(123_45, "CHF"), "EUR", day, table)
    in_force = [one for one in dated if one[0] <= day]
    if not in_force:
        assert found is None
        return
    _, factor, back = max(in_force)
    worth = 1 / Fraction(factor) if back else Fraction(factor)
    assert found == Money(rounded(Fraction(12345) * worth), "EUR")


figures = st.builds(
    Figures,
    revenue_minor=minors,
    direct_minor=minors,
    labour_minor=st.integers(0, 10**6),
    overhead_minor=st.integers(0, 10**6),
    seconds=seconds,
    uncosted_seconds=st.sampled_from([0, 0, 3600]),
    unexchanged_seconds=st.sampled_from([0, 0, 60]),
    unexchanged_costs=st.sampled_from([0, 0, 1]),
)
sums = st.dictionaries(
    st.sampled_from(["C1", "C2", "C3"]).map(lambda ref: RowKey(ref, "EUR")), figures
)


@given(sums)
def test_a_row_is_its_revenue_less_its_cost(of: dict[RowKey, Figures]) -> None:
    found = rows(worst_first(of), {"C1": "One"})
    assert sorted(row.ref for row in found) == sorted(key.ref for key in of)
    for row in found:
        one = of[RowKey(row.ref, "EUR")]
        assert row.name == {"C1": "One"}.get(row.ref, row.ref)
        missing = (one.uncosted_seconds, one.unexchanged_seconds, one.unexchanged_costs)
        spent = one.labour_minor + one.overhead_minor + one.direct_minor
        if any(missing):
            assert (row.margin, row.margin_percent) == (None, None)
        else:
            assert row.margin == Money(one.revenue_minor - spent, "EUR")
        if row.margin is not None and one.revenue_minor:
            share = rounded(Fraction(1000 * row.margin.minor, one.revenue_minor))
            assert row.margin_percent == Decimal(share).scaleb(-1)
        if one.seconds:
            hourly = rounded(Fraction(one.revenue_minor * 3600, one.seconds))
            assert row.effective_hourly_rate == Money(hourly, "EUR")
        assert len(row.notes) == sum(map(bool, missing))


@given(sums)
def test_totals_sum_every_row_exactly(of: dict[RowKey, Figures]) -> None:
    found = rows(worst_first(of), {})
    for whole in total_rows(totals(of)):
        for name in ("revenue", "labour", "overhead", "effort_cost", "direct_cost"):
            parts = sum(getattr(row, name).minor for row in found)
            assert getattr(whole, name).minor == parts
        assert whole.seconds == sum(row.seconds for row in found)
        assert (whole.margin is None) == any(row.margin is None for row in found)


def test_totals_keep_currencies_apart_and_the_worst_comes_first() -> None:
    of = {
        RowKey("good", "EUR"): Figures(revenue_minor=100, seconds=60, labour_minor=10),
        RowKey("bad", "EUR"): Figures(revenue_minor=100, seconds=60, labour_minor=99),
        RowKey("swiss", "CHF"): Figures(revenue_minor=5),
    }
    assert [row.ref for row in rows(worst_first(of), {})] == ["swiss", "bad", "good"]
    assert [(str(row.revenue), row.seconds) for row in total_rows(totals(of))] == [
        ("0.05 CHF", 0),
        ("2.00 EUR", 120),
    ]


def test_nothing_is_divided_by_nothing() -> None:
    nothing = Money(0, "EUR")
    assert percent(Money(5, "EUR"), nothing) is None
    assert per_hour(Money(5, "EUR"), 0) is None
    assert percent(nothing, Money(5, "EUR")) == 0


@given(seconds, hourlies, st.decimals("0", "300", places=1))
def test_overhead_by_percentage_is_a_share_of_labour(
    worked: int, hourly: Decimal, percentage: Decimal
) -> None:
    of = rate("R", JANUARY, hourly)
    found = effort(worked, JANUARY, of, "EUR", (Overhead(percentage),), ())
    exact = Fraction(hourly) * worked / 36
    assert found.labour_minor == rounded(exact)
    assert found.overhead_minor == rounded(exact * Fraction(percentage) / 100)


@given(seconds, st.decimals("1", "90000", places=2), st.integers(1, 2000))
def test_overhead_by_capacity_is_the_same_for_every_hour(
    worked: int, monthly: Decimal, hours: int
) -> None:
    loaded = by_capacity(monthly, Decimal(hours), "EUR")
    for hourly in (Decimal(0), Decimal(80)):
        found = effort(worked, JANUARY, rate("R", JANUARY, hourly), "", (loaded,), ())
        assert found.overhead_minor == rounded(Fraction(monthly) / hours * worked / 36)
    swiss = effort(worked, JANUARY, rate("R", JANUARY, Decimal(1)), "CHF", (loaded,), ())
    assert swiss.problem == "without an exchange rate"


@given(
    st.lists(st.tuples(days, st.integers(1, 200)), max_size=5, unique_by=lambda one: one[0]),
    days,
    st.randoms(use_true_random=False),
)
def test_work_bears_the_overhead_that_began_last(
    given_loads: list[tuple[date, int]], day: date, order: Random
) -> None:
    loads = [Overhead(Decimal(percent), valid_from=since) for since, percent in given_loads]
    order.shuffle(loads)
    found = effort(3600, day, rate("R", JANUARY, Decimal(100)), "EUR", loads, ())
    in_force = dict(given_loads)
    back = (day - timedelta(days=n) for n in range(301))
    assert found.overhead_minor == 100 * next((in_force[d] for d in back if d in in_force), 0)


def test_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(Stop, match="0 productive hours"):
        by_capacity(Decimal(100), Decimal(0), "EUR")


def test_a_currency_nobody_knows_costs_nothing_and_says_so() -> None:
    odd = CostRate(id="R", technician="T", valid_from=JANUARY, hourly=Decimal(1), currency="XXX")
    assert effort(60, JANUARY, odd, "EUR", (), ()).problem == "without an exchange rate"


@given(minors.filter(bool), days, st.integers(1, 400))
def test_what_is_spread_by_day_loses_nothing(minor: int, day: date, length: int) -> None:
    service = Period(day, day + timedelta(days=length))
    found = list(shares(Money(minor, "EUR"), service, "", ()))
    assert sum(one.minor or 0 for one in found) == minor
    months = {(day + timedelta(days=n)).replace(day=1) for n in range(length)}
    assert [one.month for one in found] == sorted(months)
    for one in found:
        own = sum((day + timedelta(days=n)).replace(day=1) == one.month for n in range(length))
        assert abs(Fraction(minor) * own / length - (one.minor or 0)) < 1
