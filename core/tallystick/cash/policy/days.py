"""Working days: on which an account is debited and a letter is written.

due Sat 3 Oct, mon-fri, DE      after: Mon 5 Oct      before: Fri 2 Oct
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

from tallystick.billing.windows import Window, begins_on

Shift = Literal["after", "before", "none"]
ALL_DAYS: Final = Window()
REACH_DAYS: Final = 40
"""No calendar is without a working day for longer."""


def shifted(day: date, days: Window, shift: Shift) -> date:
    """`day`, or the nearest working day after or before it; `none` leaves it.

    Raises `ValueError` where 40 days hold no working day.
    """
    if shift == "none":
        return day
    step = timedelta(days=1 if shift == "after" else -1)
    for _ in range(REACH_DAYS):
        if begins_on(days, day):
            return day
        day += step
    raise ValueError(f"{days} has no working day in {REACH_DAYS} days; name more days")
