"""Periods: half-open ranges of local dates, and the cycles that repeat them.

    Period(2026-07-01, 2026-08-01)   July: the first day is in, the last is not
    |-------- July --------|-------- August --------|
    start                  end = next start

Instants are aware and become local dates once, at the border (`local_date`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from tallystick.errors import Stop

Unit = Literal["day", "week", "month", "quarter", "year"]
DAY = timedelta(days=1)
CALENDAR = date(2001, 1, 1)
"""A Monday and a first of January: weeks, months, quarters and years all start here."""
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


class Period(NamedTuple):
    """`start <= day < end`, in local dates; never empty."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - DAY

    def covers(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlap(self, other: Period) -> Period | None:
        """The days in both, or None when there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def months(self) -> list[Period]:
        """This period cut at every first of a month."""
        cuts = [self.start]
        while (first := add_months(cuts[-1].replace(day=1), 1, 1)) < self.end:
            cuts.append(first)
        return [Period(a, b) for a, b in zip(cuts, [*cuts[1:], self.end], strict=True)]

    def __str__(self) -> str:
        if self.start.day == self.end.day == 1:
            first, last = f"{self.start:%Y-%m}", f"{self.last_day:%Y-%m}"
            return first if first == last else f"{first}..{last}"
        return f"{self.start}..{self.last_day}"


def add_months(day: date, months: int, anchor_day: int) -> date:
    """`day` moved by `months`, on `anchor_day` or the month's last day if it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor_day, monthrange(year, month + 1)[1]))


def month(year: int, number: int) -> Period:
    """The calendar month."""
    first = date(year, number, 1)
    return Period(first, add_months(first, 1, 1))


@lru_cache(maxsize=10_000)
def one_day(day: date) -> Period:
    """The period of a single day."""
    return Period(day, day + DAY)


def parse_period(text: str) -> Period:
    """`2026-09`, `2026-Q3`, `2026`, `2026-09-30` or an inclusive range of two of them,
    `2026-07..2026-09`.

    Raises `Stop` with the accepted forms.
    """
    first, dots, last = text.partition("..")
    try:
        start = _parse_one(first)
        end = _parse_one(last) if dots else start
        if start.start < end.end:
            return Period(start.start, end.end)
    except ValueError:
        pass
    raise Stop(
        f"{text!r} is not a period.",
        do="Write a month (2026-09), a quarter (2026-Q3), a year (2026) or 2026-07..2026-09.",
    )


def _parse_one(text: str) -> Period:
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII):
        return month(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", text, re.ASCII):
        first = date(int(match[1]), int(match[2]) * 3 - 2, 1)
        return Period(first, add_months(first, 3, 1))
    if match := re.fullmatch(r"\d{4}", text, re.ASCII):
        return Period(date(int(text), 1, 1), date(int(text) + 1, 1, 1))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(text)  # date.fromisoformat would take the week 2026-W05 for its Monday
    return one_day(date.fromisoformat(text))


@dataclass(frozen=True, slots=True)
class Cycle:
    """Repeating periods of `count` `unit`s, one of which starts on `anchor`.

    With an `anchor_day`, months, quarters and years start on that day of the month instead, one
    of them in the month of `anchor`. An anchor on the 29th to 31st starts on the month's last day
    where the month is shorter, and returns to its own day afterwards (31 Jan, 28 Feb, 31 Mar).
    """

    unit: Unit
    count: int
    anchor: date
    anchor_day: int | None = None

    def boundary(self, index: int) -> date:
        """The first day of the cycle's `index`-th period; 0 is the one starting on the anchor."""
        if self.unit in MONTHS:
            step = MONTHS[self.unit] * self.count * index
            return add_months(self.anchor, step, self.anchor_day or self.anchor.day)
        step = (7 if self.unit == "week" else 1) * self.count * index
        return self.anchor + timedelta(days=step)

    def index_of(self, day: date) -> int:
        """Which period `day` lies in."""
        if self.unit in MONTHS:
            apart = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
            guess = apart // (MONTHS[self.unit] * self.count)
        else:
            length = (7 if self.unit == "week" else 1) * self.count
            guess = (day - self.anchor).days // length
        return guess - 1 if self.boundary(guess) > day else guess

    def period(self, index: int) -> Period:
        return Period(self.boundary(index), self.boundary(index + 1))

    def containing(self, day: date) -> Period:
        return self.period(self.index_of(day))

    def within(self, span: Period) -> Iterator[Period]:
        """Every cycle period that shares a day with `span`, in order, uncut."""
        index = self.index_of(span.start)
        while self.boundary(index) < span.end:
            yield self.period(index)
            index += 1


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `instant` in the billing time zone; raises `Stop` for a naive one."""
    return utc(instant).astimezone(zone).date()


def utc(instant: datetime) -> datetime:
    """`instant` in UTC; raises `Stop` for a naive one, whose zone nobody can know."""
    if instant.tzinfo is None:
        raise Stop(
            f"{instant.isoformat(sep=' ')} has no time zone.",
            do="Give the instant an offset, or name the zone in the mapping.",
        )
    return instant.astimezone(UTC)
