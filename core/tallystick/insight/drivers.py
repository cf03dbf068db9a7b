"""Drivers: whether cost rises with a count, such as devices, and what it is at the next count.

Least squares of a month's cost on the count (Draper and Smith, Applied Regression Analysis,
ch. 1). The line is used only when the count varied and its slope is clear, otherwise the months
are taken as they are. Floats: these are estimates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.insight.spread import Spread
from tallystick.insight.student import quantile

MONTHS_NEEDED = 12
RANGE_NEEDED = 1.2
"""The highest count must be this many times the lowest."""
CLEAR = 0.99
"""How sure it must be that the slope is above zero."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found: the spread at the next count, None with the reason why not."""

    found: Spread | None
    why: str
    signal: float = 0.0
    """The slope over its standard error."""


def fit(costs: Sequence[int], counts: Sequence[int], ahead: int, name: str) -> Fit:
    """Costs of consecutive months against the `counts` of those months, told for `ahead` of them.

    The variance is that of what the line leaves, relative to the mean cost; `months` shrinks as
    the next count is further from those seen.
    """
    months = len(costs)
    if months < MONTHS_NEEDED:
        return Fit(None, f"{name}: {months} months, {MONTHS_NEEDED} are needed to see a slope")
    low, high = min(counts), max(counts)
    if high < max(RANGE_NEEDED * low, 1):
        return Fit(None, f"{name}: not enough variation, {low} to {high}")
    middle, mean = sum(counts) / months, sum(costs) / months
    width = sum((count - middle) ** 2 for count in counts)
    slope = sum((n - middle) * (c - mean) for n, c in zip(counts, costs, strict=True)) / width
    left = sum(
        (c - mean - slope * (n - middle)) ** 2 for n, c in zip(counts, costs, strict=True)
    ) / (months - 2)
    signal = slope / math.sqrt(left / width) if left else math.copysign(math.inf, slope)
    if signal <= quantile(CLEAR, months - 2):
        return Fit(None, f"{name}: no clear rise from {low} to {high}")
    expected = mean + slope * (ahead - middle)
    if expected <= 0:
        return Fit(None, f"{name}: {ahead} is too far from {low} to {high}")
    worth = 1 / (1 / months + (ahead - middle) ** 2 / width)
    found = Spread(expected, left / (mean * mean), worth, months - 2)
    return Fit(found, f"cost rises with {name}, {low} to {high} so far, told for {ahead}", signal)
