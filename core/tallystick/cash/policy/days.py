"""Working days: on which an account is debited and a letter is written.

due Sat 3 Oct, mon-fri, DE      after: Mon 5 Oct      before: Fri 2 Oct
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tallystick.billing.windows import Window, cut

Shift = Literal["after", "before", "none"]
ALL_DAYS: Final = Window()
REACH_DAYS: Final = 40
"""No calendar is without a working day for longer."""
_UTC: Final = ZoneInfo("UTC")


def is_working(day: date, days: Window) -> bool:
    """Whether `days` has this day, whatever its hours."""
    whole = Window(days=days.days, calendar=days.calendar, on_holidays=days.on_holidays)
    return cut(datetime.combine(day, time(12), UTC), 1, whole, _UTC)[0][2]


def shifted(day: date, days: Window, shift: Shift) -> date:
    """`day`, or the nearest working day after or before it; `none` leaves it.

    Raises `ValueError` where 40 days hold no working day.
    """
    if shift == "none":
        return day
    step = timedelta(days=1 if shift == "after" else -1)
    for _ in range(REACH_DAYS):
        if is_working(day, days):
            return day
        day += step
    raise ValueError(f"{days} has no working day in {REACH_DAYS} days; name more days")


def working_days_after(day: date, count: int, days: Window) -> date:
    """The working day that is `count` of them after `day`; with 0 the first from `day` on."""
    found = shifted(day, days, "after")
    for _ in range(count):
        found = shifted(found + timedelta(days=1), days, "after")
    return found
