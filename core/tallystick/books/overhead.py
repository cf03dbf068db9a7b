"""Overhead: what an hour costs beyond the technician's own rate.

    by percentage    labour x percent / 100
    by capacity      hours x (overhead of a month / productive hours of a month)

Both are cost accounting's usual absorption bases: direct labour cost, and direct labour hours.
A load counts from a day on, until the next one does; before the first there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.records import CostRate


@dataclass(frozen=True, slots=True)
class Overhead:
    """The load on every costed hour from `valid_from` on: `percent` of labour, or `hourly` major
    units of `currency`."""

    percent: Decimal = Decimal(0)
    hourly: Fraction = Fraction(0)
    currency: str = ""
    valid_from: date = date.min


NONE = Overhead()


def overhead_on(day: date, overheads: Iterable[Overhead]) -> Overhead:
    """The load of work done on `day`."""
    begun = (one for one in overheads if one.valid_from <= day)
    return max(begun, key=lambda one: one.valid_from, default=NONE)


def by_capacity(
    monthly: Decimal, productive_hours: Decimal, currency: str, valid_from: date = date.min
) -> Overhead:
    """`monthly` major units of overhead over the hours all technicians can work for clients."""
    if productive_hours <= 0:
        raise Stop(
            f"Overhead cannot be spread over {productive_hours} productive hours.",
            do="Give the hours all technicians together can work for clients in a month.",
        )
    hourly = Fraction(monthly) / Fraction(productive_hours)
    return Overhead(hourly=hourly, currency=currency, valid_from=valid_from)


def load(seconds: int, rate: CostRate, overhead: Overhead) -> Money:
    """The overhead of `seconds` worked at `rate`, rounded half away from zero, in the currency
    the overhead is given in: the rate's own for a percentage."""
    if overhead.hourly:
        return Money.rounded(overhead.hourly * seconds / 3600, overhead.currency)
    if not overhead.percent:
        return Money.zero(rate.currency)
    share = Fraction(rate.hourly) * seconds * Fraction(overhead.percent)
    return Money.rounded(share / 360_000, rate.currency)
