"""Profit, effort and exchange: pure figures against fractions worked out apart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Work
from tallystick.books.effort import cost, rates_by_technician
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.insight.profit import Cell, Effort, per_hour, percent, rows, totals
from tallystick.money import Money
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


efforts = st.builds(
    Effort,
    seconds,
    st.none() | st.integers(0, 10**6).map(lambda minor: Money(minor, "EUR")),
    st.sampled_from(["", "without a cost rate", "without an exchange rate CHF/EUR"]),
)
cells = st.dictionaries(
    st.sampled_from(["C1", "C2", "C3"]).map(lambda ref: (ref, "EUR")),
    st.builds(
        Cell,
        st.text(max_size=3),
        st.just("EUR"),
        st.lists(minors.map(lambda minor: Money(minor, "EUR")), max_size=4),
        st.lists(efforts, max_size=5),
    ),
)


@given(cells)
def test_a_row_is_its_revenue_less_its_effort(of: dict[tuple[str, str], Cell]) -> None:
    found = rows(of)
    assert sorted(row.ref for row in found) == sorted(ref for ref, _ in of)
    for row in found:
        cell = of[row.ref, "EUR"]
        revenue = sum(one.minor for one in cell.revenue)
        spent = sum(one.cost.minor for one in cell.efforts if one.cost)
        worked = sum(one.seconds for one in cell.efforts)
        assert (row.revenue.minor, row.effort_cost.minor, row.seconds) == (revenue, spent, worked)
        if any(one.cost is None for one in cell.efforts):
            assert (row.margin, row.margin_percent) == (None, None)
        else:
            assert row.margin == Money(revenue - spent, "EUR")
        if row.margin is not None and revenue:
            share = rounded(Fraction(1000 * row.margin.minor, revenue))
            assert row.margin_percent == Decimal(share).scaleb(-1)
        if worked:
            hourly = rounded(Fraction(revenue * 3600, worked))
            assert row.effective_hourly_rate == Money(hourly, "EUR")
        problems = {one.problem for one in cell.efforts} - {""}
        assert len(row.notes) == len(problems)


@given(cells)
def test_totals_sum_every_row_exactly(of: dict[tuple[str, str], Cell]) -> None:
    found = rows(of)
    for whole in totals(found):
        assert whole.revenue.minor == sum(row.revenue.minor for row in found)
        assert whole.effort_cost.minor == sum(row.effort_cost.minor for row in found)
        assert whole.seconds == sum(row.seconds for row in found)
        incomplete = any(row.margin is None for row in found)
        assert (whole.margin is None) == incomplete


def test_totals_keep_currencies_apart_and_the_worst_comes_first() -> None:
    of = {
        ("good", "EUR"): Cell("", "EUR", [Money(100, "EUR")], [Effort(60, Money(10, "EUR"))]),
        ("bad", "EUR"): Cell("", "EUR", [Money(100, "EUR")], [Effort(60, Money(99, "EUR"))]),
        ("swiss", "CHF"): Cell("", "CHF", [Money(5, "CHF")]),
    }
    assert [row.ref for row in rows(of)] == ["swiss", "bad", "good"]
    assert [(str(row.revenue), row.seconds) for row in totals(rows(of))] == [
        ("0.05 CHF", 0),
        ("2.00 EUR", 120),
    ]


def test_nothing_is_divided_by_nothing() -> None:
    nothing = Money(0, "EUR")
    assert percent(Money(5, "EUR"), nothing) is None
    assert per_hour(Money(5, "EUR"), 0) is None
    assert percent(nothing, Money(5, "EUR")) == 0
