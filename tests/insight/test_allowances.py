"""Allowance used: whatever the calendar cycle, a walk day by day says the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.insight.allowances import LineUsed, Used, decimal, used
from tallystick.period import Period, month
from tallystick.records import Contract, ContractLine

START = date(2026, 1, 1)
BOOK = PriceBook({})
CYCLES: dict[str, Callable[[date], object]] = {
    "day": lambda day: day,
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "year": lambda day: day.year,
}
days = st.integers(0, 150).map(lambda n: START + timedelta(days=n))
bookings = st.lists(st.tuples(days, st.integers(1, 8)), max_size=25)


def priced(
    cycle: str, hours: int, since: date, until: date | None, done: list[tuple[date, int]]
) -> Callable[[Period], list[LineUsed]]:
    covers = {"allowance_hours": str(hours), "allowance_cycle": cycle}
    terms = {"unit_price": "1", "work_types": ["*"], "covers": covers}
    line = ContractLine(
        id="L", contract="C", description="L", model="fixed", terms=terms, ends_on=until
    )
    contract = Contract(id="C", client="K", name="C", currency="EUR", starts_on=since)
    works = tuple(
        Work(ref=f"{n:02}", work_date=day, seconds=h * 3600) for n, (day, h) in enumerate(done)
    )
    facts = Facts(contract, (line,), works)
    return lambda over: used(facts, price(facts, over.end, SHIPPED, BOOK), SHIPPED, over)


@given(
    st.sampled_from(sorted(CYCLES)),
    st.integers(0, 12),
    days,
    st.none() | days,
    bookings,
    st.integers(1, 5),
    st.integers(1, 3),
)
@settings(max_examples=150)
def test_a_walk_day_by_day_says_the_same(
    cycle: str,
    hours: int,
    since: date,
    until: date | None,
    done: list[tuple[date, int]],
    first: int,
    months: int,
) -> None:
    of = priced(cycle, hours, since, until, done)
    period = Period(month(2026, first).start, month(2026, first + months - 1).end)
    key = CYCLES[cycle]
    spent: dict[object, int] = defaultdict(int)
    before: dict[object, int] = {}
    took = 0
    touched: set[object] = set()
    worked: dict[date, int] = defaultdict(int)
    for day, many in done:
        worked[day] += many
    day = START
    while day < period.end:
        if since <= day and (until is None or day < until):
            now = min(worked[day], hours - spent[key(day)])
            if period.covers(day):
                before.setdefault(key(day), spent[key(day)])
                touched.add(key(day))
                took += now
            spent[key(day)] += now
        day += timedelta(days=1)
    available = sum(hours - before[one] for one in touched)
    expected = [LineUsed("L", "hours", Used(Fraction(took), Fraction(available)))]
    assert of(period) == (expected if touched else [])


def test_a_week_over_two_months_is_left_to_the_second_as_the_first_left_it() -> None:
    """The week of Monday 28 September: 3 of its 5 hours in September, 2 are left for October."""
    of = priced("week", 5, START, None, [(date(2026, 9, 29), 3), (date(2026, 10, 1), 4)])
    [september], [october] = of(month(2026, 9)), of(month(2026, 10))
    assert str(september.of) == "3 of 25"
    assert str(october.of) == "2 of 22"


def test_figures_are_told_to_four_places() -> None:
    assert decimal(Fraction(1, 3)) == Decimal("0.3333")
    assert decimal(Fraction(5, 10**5)) == Decimal("0.0001")
    assert str(Used(Fraction(20), Fraction(100, 3))) == "20 of 33.3333"
