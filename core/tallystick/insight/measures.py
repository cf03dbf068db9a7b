"""Measures: profitability as other systems compute it, each with its definition beside the figure.

The same month gives three hourly rates, depending on whether what tools cost or what they were sold
for is taken off first; so a figure without its definition says nothing. Here

    billed      net of invoices issued in the period, less credit notes
    additions   what is sold besides work: per unit, usage, one-off
    labour      hours at the technicians' cost rates, without overhead
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from tallystick.insight.profit import Figures, per_hour
from tallystick.money import Money

ADDITIONS = ("Income:PerUnit", "Income:Usage", "Income:OneOff")
"""The accounts of what is sold besides work."""
Value = Money | Decimal | None


class Basis(NamedTuple):
    """One row's figures; `value_per_hour` is the plain price of an hour in major units."""

    currency: str
    figures: Figures
    billed_minor: int = 0
    additions_minor: int = 0
    value_per_hour: Decimal | None = None

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def labour_billed_minor(self) -> int:
        return self.billed_minor - self.additions_minor

    @property
    def profit(self) -> Money | None:
        of = self.figures
        if not of.complete:
            return None
        return self.money(self.billed_minor - of.direct_minor - of.labour_minor)

    def hourly(self, minor: int) -> Money | None:
        return per_hour(self.money(minor), self.figures.seconds)


class Measure(NamedTuple):
    """`definition` is shown beside every figure."""

    definition: str
    of: Callable[[Basis], Value]


def _contribution(of: Basis) -> Value:
    return per_hour(of.profit, of.figures.seconds) if of.profit is not None else None


def _efficiency(of: Basis) -> Value:
    """Two places, half away from zero."""
    if not of.value_per_hour or not of.figures.seconds:
        return None
    value = Fraction(of.value_per_hour) * of.figures.seconds / 3600
    ratio = Fraction(of.money(of.labour_billed_minor).amount) / value
    exact = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


MEASURES: Mapping[str, Measure] = {
    "billed": Measure(
        "net of invoices issued in the period, less credit notes",
        lambda of: of.money(of.billed_minor),
    ),
    "profit": Measure("billed - direct cost - labour", lambda of: of.profit),
    "effective-rate": Measure("billed / hours", lambda of: of.hourly(of.billed_minor)),
    "effective-rate-less-tool-cost": Measure(
        "(billed - direct cost) / hours",
        lambda of: of.hourly(of.billed_minor - of.figures.direct_minor),
    ),
    "effective-rate-less-tool-retail": Measure(
        "(billed - additions billed) / hours", lambda of: of.hourly(of.labour_billed_minor)
    ),
    "contribution-per-hour": Measure("(billed - direct cost - labour) / hours", _contribution),
    "efficiency-ratio": Measure(
        "(billed - additions billed) / (hours x the rate card's plain rate); aim at 0.8 to 1.5",
        _efficiency,
    ),
}
"""By the name `--measure` asks for."""
