"""Proration: which share of a full period's price a part of the period costs.

contract in force from the 15th of a 31-day month
|.............|#################|      actual_days       17/31
1             15               31      thirty_day_month  16/30
                                       none / full        0 / 1
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from tallystick.period import Period

Convention = Literal["actual_days", "thirty_day_month", "none", "full"]


def share(part: Period, whole: Period, convention: Convention) -> Fraction:
    """The share of `whole` that `part` (within it) costs; 1 when they are the same.

    `actual_days`: days by days. `thirty_day_month`: every month has 30 days, so
    that a 31st is free and the end of February counts for the days it lacks.
    `none`: a part is free. `full`: a part costs the whole.
    """
    if part == whole or convention == "full":
        return Fraction(1)
    if convention == "none":
        return Fraction(0)
    if convention == "actual_days":
        return Fraction(part.days, whole.days)
    return Fraction(_days_360(part), _days_360(whole))


def _days_360(period: Period) -> int:
    return _ordinal_360(period.end) - _ordinal_360(period.start)


def _ordinal_360(day: date) -> int:
    return day.year * 360 + day.month * 30 + day.day


def titled(description: str, prorated: Fraction) -> str:
    """`description` as it is printed on the invoice, with the share where it is not the whole."""
    return description if prorated == 1 else f"{description} (prorated {prorated})"


def in_words(part: Period, whole: Period, prorated: Fraction, convention: Convention) -> str:
    """The proration as the reason of a charge, empty when the whole is charged."""
    if part == whole and prorated == 1:
        return ""
    return f"{part} of {whole}, prorated {prorated} by {convention}"
