"""Days on which TARGET, the euro settlement system, is open.

Closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26
December. Source: European Central Bank, long-term calendar for TARGET closing days
(press release of 14 December 2000, in force since 2002).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Berlin")
"""TARGET's day is Frankfurt's."""

_DAY: Final = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar.

    Source: the anonymous algorithm in Meeus, Astronomical Algorithms, chapter 8.
    """
    century, in_century = divmod(year, 100)
    golden = year % 19
    leap, rest = divmod(century, 4)
    drift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - drift + 15) % 30
    leap_in_century, rest_in_century = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * leap_in_century - moon - rest_in_century) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def _closed_in(year: int) -> frozenset[date]:
    sunday = easter(year)
    fixed = [(1, 1), (5, 1), (12, 25), (12, 26)]
    return frozenset(
        [sunday - 2 * _DAY, sunday + _DAY, *(date(year, month, day) for month, day in fixed)]
    )


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in _closed_in(day.year)


def on_or_after(day: date) -> date:
    """The first open day from `day` on."""
    while not is_open(day):
        day += _DAY
    return day


def collection_day(due_on: date, today: date) -> date:
    """When a debit due on `due_on` can be collected if its file is written `today`.

    An open day, and at least one open day after the first one on which the bank can take the
    file: the debtor's bank must have it one inter-bank business day ahead (SEPA direct debit
    rulebooks EPC016-06 Core and EPC222-07 B2B).
    """
    return on_or_after(max(due_on, on_or_after(today) + _DAY))
