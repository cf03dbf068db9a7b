"""Spread: what a contract may cost in the months ahead, from what its months cost so far.

Monthly effort is skewed: many quiet months, a few that cost three times as much. A gamma
distribution is like that, sums of its months are gamma again, and a month's cost as a sum of
many bookings (compound Poisson) is close to one. Of gamma months with relative variance c2 the
mean of the next k, divided by the mean of n that were seen, has an F distribution with 2k/c2 and
2n/c2 degrees of freedom (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1,
ch. 17). Its cube root is almost normal (Wilson and Hilferty 1931; for F, Abramowitz and Stegun
26.6.15), which turns a quantile R of that ratio into

    (1 - B) R^(1/3) - (1 - A)  =  t  sqrt(A + B R^(2/3))        A = c2/9k    B = c2/9n

with a normal t were c2 known. It is estimated from the same months, so t is Student's with the
degrees of freedom of that estimate; Krishnamoorthy, Mathew and Mukherjee (Technometrics 50, 2008)
show that normal theory on cube roots predicts gamma values well in small samples. It needs no
chance, so the same months give the same price. docs/decisions/0008 compares it with others.

Floats: these are estimates. Prices are made of them in `tallystick.insight.prices`, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.insight.student import below, quantile

YEAR = 12
SEASONAL_FROM = 2 * YEAR
"""With two years seen, a month is compared with the same month of the year before."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What one month is expected to cost, and how sure that is.

    `mean` is in minor units; `variance` is that of one month relative to the mean squared;
    `months` is what the mean is worth in months of plain averaging; `freedom` the degrees of
    freedom of `variance`.
    """

    mean: float
    variance: float
    months: float
    freedom: int

    def at(self, probability: float, ahead: int) -> float:
        """The cost per month that the mean of the next `ahead` months does not exceed with
        `probability`; infinite when so few and so different months give no bound."""
        t = quantile(probability, self.freedom)
        a, b = self._parts(ahead)
        square = (1 - b) ** 2 - t * t * b
        if square <= 0:
            return math.inf if t > 0 else 0.0
        half = (1 - a) * (1 - b)
        root = math.sqrt(max(half * half - square * ((1 - a) ** 2 - t * t * a), 0.0))
        cube_root = (half + math.copysign(root, t)) / square
        return self.mean * max(cube_root, 0.0) ** 3

    def chance(self, per_month: float, ahead: int) -> float:
        """The probability that the mean of the next `ahead` months is at most `per_month`."""
        if per_month <= 0:
            return 0.0
        cube_root = math.cbrt(per_month / self.mean)
        a, b = self._parts(ahead)
        over, wide = (1 - b) * cube_root - (1 - a), math.sqrt(a + b * cube_root * cube_root)
        if not wide:
            return 1.0 if over >= 0 else 0.0
        return below(over / wide, self.freedom)

    def _parts(self, ahead: int) -> tuple[float, float]:
        return self.variance / (9 * ahead), self.variance / (9 * self.months)


def spread(costs: Sequence[int]) -> Spread:
    """The spread of consecutive months' costs in minor units, at least two and not all zero.

    With two years or more the variance is half the mean square of the differences to the same
    month a year earlier, so that seasons, which a year's sum evens out, do not count as risk.
    """
    count = len(costs)
    mean = sum(costs) / count
    if count >= SEASONAL_FROM:
        apart = [(now - then) ** 2 / 2 for then, now in zip(costs, costs[YEAR:], strict=False)]
        freedom = len(apart)
    else:
        apart = [(cost - mean) ** 2 for cost in costs]
        freedom = count - 1
    return Spread(mean, sum(apart) / freedom / (mean * mean), count, freedom)
