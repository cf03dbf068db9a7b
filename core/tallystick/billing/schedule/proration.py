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
    return Fraction(*_days(part, whole, convention))


def _days(part: Period, whole: Period, convention: Convention) -> tuple[int, int]:
    """How many days of how many, as the convention counts them."""
    if convention == "thirty_day_month":
        return _days_360(part), _days_360(whole)
    return part.days, whole.days


def _days_360(period: Period) -> int:
    return _ordinal_360(period.end) - _ordinal_360(period.start)


def _ordinal_360(day: date) -> int:
    return day.year * 360 + day.month * 30 + day.day


def titled(
    description: str, part: Period, whole: Period, prorated: Fraction, convention: Convention
) -> str:
    """`description` as it is printed on the invoice, with the share where it is not the whole."""
    if prorated == 1:
        return description
    return f"{description} (prorated {_said(part, whole, prorated, convention)})"


def in_words(part: Period, whole: Period, prorated: Fraction, convention: Convention) -> str:
    """The proration as the reason of a charge, empty when the whole is charged."""
    if part == whole and prorated == 1:
        return ""
    said = _said(part, whole, prorated, convention)
    return f"{part} of {whole}, prorated {said} by {convention}"


def _said(part: Period, whole: Period, prorated: Fraction, convention: Convention) -> str:
    """The share in days, `14/30` and never `7/15`, which nobody finds in a calendar."""
    if prorated in (0, 1):
        return str(prorated)
    days, of = _days(part, whole, convention)
    return f"{days}/{of}"
