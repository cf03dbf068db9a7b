"""Effort: what a booking cost, by the technician's rate on the day of the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from tallystick.billing.facts import Work
from tallystick.money import Money
from tallystick.records import CostRate


def rates_by_technician(rates: Iterable[CostRate]) -> dict[str, list[CostRate]]:
    """Each technician's rates, the latest first; of two from the same day the higher id."""
    found: dict[str, list[CostRate]] = {}
    for rate in sorted(rates, key=lambda one: (one.valid_from, one.id), reverse=True):
        found.setdefault(rate.technician, []).append(rate)
    return found


def cost(work: Work, rates: Mapping[str, Sequence[CostRate]]) -> Money | None:
    """`seconds` at the hourly rate in force on the work date, rounded per booking half away
    from zero in the rate's currency; None when the technician has no rate then."""
    for rate in rates.get(work.technician or "", ()):
        if rate.valid_from <= work.work_date:
            return Money.rounded(Fraction(rate.hourly) * work.seconds / 3600, rate.currency)
    return None
