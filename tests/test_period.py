"""Periods tile: no day is in two of them, and none is in no one."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import Stop
from tallystick.period import (
    Cycle,
    Period,
    Unit,
    add_months,
    local_date,
    month,
    parse_period,
    utc,
)

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
cycles = st.builds(Cycle, st.sampled_from(get_args(Unit)), st.integers(1, 14), days)
indices = st.integers(-30, 30)


@st.composite
def periods(draw: st.DrawFn, longest: int = 900) -> Period:
    start = draw(days)
    return Period(start, start + timedelta(days=draw(st.integers(1, longest))))


def dates(period: Period) -> list[date]:
    return [period.start + timedelta(days=n) for n in range(period.days)]


# Period


@given(periods(60), days)
def test_a_period_covers_its_first_day_and_not_its_end(period: Period, day: date) -> None:
    assert period.covers(period.start)
    assert period.covers(period.last_day)
    assert not period.covers(period.end)
    assert not period.covers(period.start - DAY)
    assert period.covers(day) is (day in dates(period))


@given(periods(40), st.integers(-50, 50), st.integers(1, 40))
@example(month(2026, 9), 30, 10)
@example(month(2026, 9), -10, 10)
def test_an_overlap_is_the_days_in_both(period: Period, shift: int, length: int) -> None:
    start = period.start + timedelta(days=shift)
    other = Period(start, start + timedelta(days=length))
    both = period.overlap(other)
    shared_days = sorted({*dates(period)} & {*dates(other)})
    assert (both is None) is (not shared_days)
    assert (dates(both) if both else []) == shared_days
    assert other.overlap(period) == both


@given(periods())
def test_months_cut_a_period_at_every_first(period: Period) -> None:
    parts = period.months()
    assert [day for part in parts for day in dates(part)] == dates(period)
    assert all(a.end == b.start and b.start.day == 1 for a, b in pairwise(parts))
    assert all(
        (part.start.year, part.start.month) == (part.last_day.year, part.last_day.month)
        for part in parts
    )


# Writing and reading periods


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-09", date(2026, 9, 1), date(2026, 10, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-09-15", date(2026, 9, 15), date(2026, 9, 16)),
        ("2026-07..2026-09", date(2026, 7, 1), date(2026, 10, 1)),
        ("2025-Q4..2026", date(2025, 10, 1), date(2027, 1, 1)),
        ("2026-07-31..2026-08-01", date(2026, 7, 31), date(2026, 8, 2)),
    ],
)
def test_the_ways_to_write_a_period(text: str, start: date, end: date) -> None:
    assert parse_period(text) == Period(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "", "..", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-9", "26-09", "0000", "9999",
        "2026-02-30", "2026-W05", "2026-W05-1", "20260915", "2026-09..", "..2026-09",
        "2026-09..2026-07", "2026-07..2026-08..2026-09", "september", " 2026-09", "2026-09\n",
        "٢٠٢٦-٠٩",
    ],
)  # fmt: skip
def test_what_is_no_period_is_answered_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(Stop, match=r"is not a period\. Write a month \(2026-09\), a quarter"):
        parse_period(text)


@given(periods())
@example(month(2026, 2))
@example(Period(date(2026, 1, 1), date(2027, 1, 1)))
@example(Period(date(2026, 9, 15), date(2026, 10, 1)))
def test_a_written_period_reads_back(period: Period) -> None:
    assert parse_period(str(period)) == period


def test_a_month_is_written_as_one() -> None:
    assert str(month(2026, 9)) == "2026-09"
    assert str(Period(date(2026, 9, 1), date(2026, 9, 30))) == "2026-09-01..2026-09-29"
    assert str(Period(date(2026, 9, 2), date(2026, 10, 2))) == "2026-09-02..2026-10-01"


# Cycles


@given(cycles, indices)
def test_a_cycle_tiles(cycle: Cycle, index: int) -> None:
    period = cycle.period(index)
    assert period.start < period.end
    assert cycle.period(index + 1).start == period.end
    assert cycle.boundary(0) == cycle.anchor


@given(cycles, indices)
def test_index_and_boundary_are_inverse(cycle: Cycle, index: int) -> None:
    period = cycle.period(index)
    assert cycle.index_of(period.start) == index
    assert cycle.index_of(period.last_day) == index
    assert cycle.index_of(period.end) == index + 1


@given(cycles, days)
@example(Cycle("month", 1, date(2026, 1, 31)), date(2026, 2, 27))
@example(Cycle("month", 1, date(2026, 1, 31)), date(2026, 2, 28))
@example(Cycle("month", 1, date(2026, 1, 31)), date(2028, 2, 28))
def test_every_day_lies_in_the_period_that_contains_it(cycle: Cycle, day: date) -> None:
    assert cycle.containing(day).covers(day)


@given(cycles, periods(400))
def test_within_finds_every_period_that_shares_a_day(cycle: Cycle, span: Period) -> None:
    found = list(cycle.within(span))
    assert all(period.overlap(span) for period in found)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert found[0].start <= span.start
    assert found[-1].end >= span.end


@given(days, indices, st.sampled_from(["month", "quarter", "year"]), st.integers(1, 14))
def test_a_month_end_anchor_is_kept(anchor: date, index: int, unit: Unit, count: int) -> None:
    """Every boundary falls on the anchor's day, or on the last day of a month without one."""
    start = Cycle(unit, count, anchor).boundary(index)
    assert start.day == min(anchor.day, monthrange(start.year, start.month)[1])
    moved = (start.year - anchor.year) * 12 + start.month - anchor.month
    assert moved == index * count * {"month": 1, "quarter": 3, "year": 12}[unit]


def test_a_cycle_from_the_31st_returns_to_the_31st() -> None:
    cycle = Cycle("month", 1, date(2026, 1, 31))
    starts = [cycle.boundary(index).isoformat() for index in range(-2, 4)]
    assert starts == [
        "2025-11-30", "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "count", "second"),
    [
        ("day", 1, date(2024, 3, 1)),
        ("day", 30, date(2024, 3, 30)),
        ("week", 2, date(2024, 3, 14)),
        ("month", 1, date(2024, 3, 29)),
        ("quarter", 1, date(2024, 5, 29)),
        ("quarter", 2, date(2024, 8, 29)),
        ("year", 1, date(2025, 2, 28)),
        ("year", 4, date(2028, 2, 29)),
    ],
)
def test_cycles_from_a_leap_day(unit: Unit, count: int, second: date) -> None:
    assert Cycle(unit, count, date(2024, 2, 29)).boundary(1) == second


@given(days, st.integers(-200, 200), st.integers(-200, 200), st.integers(1, 31))
def test_months_add_up(day: date, first: int, then: int, anchor_day: int) -> None:
    by_steps = add_months(add_months(day, first, anchor_day), then, anchor_day)
    assert by_steps == add_months(day, first + then, anchor_day)


# Instants


@pytest.mark.parametrize("name", sorted(available_timezones()))
def test_local_days_tile_in_every_zone(name: str) -> None:
    """From 2024 to 2030 each local day begins once, right where the day before it ends."""
    zone = ZoneInfo(name)
    day, start = FIRST, datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=zone).astimezone(UTC)
    while day < LAST:
        following = day + DAY
        end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
        assert timedelta(hours=22) <= end - start <= timedelta(hours=26)  # Troll moves by two
        assert local_date(start, zone) == local_date(end - timedelta(microseconds=1), zone) == day
        day, start = following, end


@given(
    st.timezones(),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_later_instant_is_never_on_an_earlier_day(
    zone: ZoneInfo, when: datetime, later: timedelta
) -> None:
    instant = when.replace(tzinfo=UTC)
    assert local_date(instant, zone) <= local_date(instant + later, zone)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    st.timezones(),
)
def test_the_offset_an_instant_is_written_with_does_not_matter(
    when: datetime, offset: timezone, zone: ZoneInfo
) -> None:
    instant = when.replace(tzinfo=UTC)
    written = instant.astimezone(offset)
    assert local_date(written, zone) == local_date(instant, zone)
    assert utc(written) == instant
    assert utc(written).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-24T22:00:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("2026-12-31T18:30:00-05:00", date(2027, 1, 1)),
    ],
)
def test_days_in_berlin_around_the_clock_changes(instant: str, day: date) -> None:
    assert local_date(datetime.fromisoformat(instant), BERLIN) == day


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-29 01:30", "2026-03-29 03:30", 1),
        ("2026-10-25 01:30", "2026-10-25 03:30", 3),
        ("2026-07-01 01:30", "2026-07-01 03:30", 2),
    ],
)
def test_a_night_shift_lasts_its_true_hours(start: str, end: str, hours: int) -> None:
    began, ended = (datetime.fromisoformat(at).replace(tzinfo=BERLIN) for at in (start, end))
    assert utc(ended) - utc(began) == timedelta(hours=hours)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 9, 15, 12, 0)
    with pytest.raises(Stop, match=r"2026-09-15 12:00:00 has no time zone\. Give the instant"):
        utc(naive)
    with pytest.raises(Stop, match="has no time zone"):
        local_date(naive, BERLIN)
