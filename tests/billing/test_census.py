"""A census agrees with looking at every thing on every day, and takes far less time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.quantities.counting import (
    Census,
    Thing,
    What,
    charged,
    charged_in_words,
    count,
)
from tallystick.period import Period

JULY = Period(date(2026, 7, 1), date(2026, 8, 1))
days = st.dates(date(2026, 6, 20), date(2026, 8, 10))


@given(st.lists(st.tuples(st.none() | days, st.none() | days, st.integers(0, 4)), max_size=12))
def test_a_census_counts_what_is_there_each_day(
    found: list[tuple[date | None, date | None, int]],
) -> None:
    things = [
        Thing(f"t{n}", Fraction(units, 2), since or date.min, until or date.max)
        for n, (since, until, units) in enumerate(found)
    ]
    census = Census(things)
    by_day = {}
    for run in census.runs(JULY):
        assert run.days.start < run.days.end
        for n in range(run.days.days):
            by_day[run.days.start + timedelta(days=n)] = run.units
    every = [JULY.start + timedelta(days=n) for n in range(31)]
    expected = [
        sum((one.quantity for one in things if one.since <= day < one.until), Fraction(0))
        for day in every
    ]
    assert [by_day[day] for day in every] == [census.on(day) for day in every] == expected
    there = {one.name for one in things if any(one.since <= day < one.until for day in every)}
    assert set(filter(None, census.names(JULY).split(", "))) == there


def seconds(things: list[Thing], period: Period) -> float:
    begun = perf_counter()
    counted = count(Census(things), "daily", period, What("device", ""))
    assert counted.runs[-1].units == len(things)
    return perf_counter() - begun


def test_counting_grows_with_what_comes_and_goes_and_not_with_the_days_it_stays() -> None:
    """Looking at every thing on every day would take 1,200 times as long over a century, and 400
    times as long for twenty times the things that come on twenty times the days."""
    since, until = date(2016, 1, 1), date(2216, 1, 1)
    fleet = [Thing(f"pc-{n:06}", Fraction(1), since, date.max) for n in range(5_000)]
    month, centuries = Period(since, date(2016, 2, 1)), Period(since, until)
    short = min(seconds(fleet, month) for _ in range(3))
    assert min(seconds(fleet, centuries) for _ in range(3)) < 100 * short
    coming = [
        Thing(f"pc-{n:06}", Fraction(1), since + timedelta(days=n), date.max) for n in range(20_000)
    ]
    few = min(seconds(coming[:1_000], centuries) for _ in range(3))
    assert min(seconds(coming, centuries) for _ in range(3)) < 150 * few


@pytest.mark.parametrize(
    ("counted", "minimum", "included", "paid", "words"),
    [
        ("0.5", "0", "1", "0", ["1 of them are free"]),
        ("1", "0", "1", "0", ["1 of them are free"]),
        ("0", "0", "1", "0", []),
        ("-2", "0", "1", "-2", []),
        ("3", "5", "0", "5", ["5 are counted at the least"]),
        ("5", "5", "0", "5", []),
        ("3", "5", "2", "3", ["5 are counted at the least", "2 of them are free"]),
    ],
)
def test_what_is_counted_at_the_least_and_what_of_it_is_free(
    counted: str, minimum: str, included: str, paid: str, words: list[str]
) -> None:
    given = (Fraction(counted), Decimal(minimum), Decimal(included))
    assert charged(*given) == Fraction(paid)
    assert list(charged_in_words(*given)) == words
