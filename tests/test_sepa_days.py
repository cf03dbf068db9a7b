"""A collection lies on an open TARGET day that the payer's bank can still keep."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick_sepa.target_days import collection_day, easter, is_open, on_or_after

DAY = timedelta(days=1)
days = st.dates(date(2002, 1, 1), date(2199, 12, 1))


def easter_by_gauss(year: int) -> date:
    """Gauss's rule with its two exceptions, worked out apart from the one under test."""
    century = year // 100
    offset = century - century // 4
    moon = (15 + offset - (13 + 8 * century) // 25) % 30
    full = (19 * (year % 19) + moon) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * full + 4 + offset) % 7
    exceptional = full == 29 or (full == 28 and (11 * moon + 11) % 30 < 19)
    if sunday == 6 and exceptional:
        sunday = -1
    return date(year, 3, 22) + (full + sunday) * DAY


def test_easter_is_where_the_almanacs_and_another_rule_put_it() -> None:
    for day in ("1818-03-22", "1943-04-25", "2025-04-20", "2026-04-05", "2038-04-25", "2285-03-22"):
        assert easter(int(day[:4])) == date.fromisoformat(day)
    for year in range(1583, 4100):
        assert easter(year) == easter_by_gauss(year)


def test_the_closing_days_of_2026_and_2027_are_the_published_ones() -> None:
    for year, published in {
        2026: ["01-01", "04-03", "04-06", "05-01", "12-25"],
        2027: ["01-01", "03-26", "03-29"],
    }.items():
        all_days = [date(year, 1, 1) + n * DAY for n in range(365)]
        closed = [day for day in all_days if day.weekday() < 5 and not is_open(day)]
        assert [f"{day:%m-%d}" for day in closed] == published


@pytest.mark.parametrize(
    ("due_on", "today", "collected_on"),
    [
        ("2026-10-14", "2026-10-01", "2026-10-14"),  # open and far enough
        ("2026-10-17", "2026-10-01", "2026-10-19"),  # Saturday to Monday
        ("2026-04-03", "2026-03-02", "2026-04-07"),  # Good Friday to Tuesday after Easter
        ("2026-12-25", "2026-12-01", "2026-12-28"),  # Christmas and a weekend
        ("2026-05-01", "2026-04-01", "2026-05-04"),  # Labour Day, Friday
        ("2027-01-01", "2026-12-01", "2027-01-04"),  # New Year, Friday
        ("2026-10-14", "2026-10-14", "2026-10-15"),  # due today: a day's notice
        ("2026-09-01", "2026-10-16", "2026-10-19"),  # overdue, written on a Friday
        ("2026-09-01", "2026-10-17", "2026-10-20"),  # overdue, handed in on Monday
        ("2026-04-03", "2026-04-02", "2026-04-07"),  # the eve of Good Friday
    ],
)
def test_a_due_date_moves_to_a_day_it_can_be_kept(
    due_on: str, today: str, collected_on: str
) -> None:
    day = collection_day(date.fromisoformat(due_on), date.fromisoformat(today))
    assert day == date.fromisoformat(collected_on)


@given(due_on=days, today=days)
def test_the_day_is_open_never_early_and_never_later_than_need_be(
    due_on: date, today: date
) -> None:
    day = collection_day(due_on, today)
    assert is_open(day)
    assert day >= due_on
    assert day > on_or_after(today)
    between = (day - DAY * n for n in range(1, (day - max(due_on, today)).days))
    assert not any(is_open(d) and d > on_or_after(today) for d in between)
