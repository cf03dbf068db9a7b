"""Prices: from an estimated cost a month to the price that leaves the target margin.

    price a month = cost a month not exceeded with the probability / (1 - target margin)

The edge between estimates and money: costs come in as floats, because they are estimates; what
is made of them is exact, and rounded up to a step of at most 1 % that people would write.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise

from tallystick.insight.spread import Spread
from tallystick.money import Money

LADDER = (Decimal("0.5"), Decimal("0.8"), Decimal("0.9"), Decimal("0.95"))
STEPS = (5, 2, 1)
BARS = 10


@dataclass(frozen=True, slots=True)
class AdviceTerms:
    """What a price is to reach: `target_margin_percent` below 100 with `probability` (between 0
    and 1) over `horizon_months`, told from `minimum_months` of history or more."""

    target_margin_percent: Decimal = Decimal(40)
    probability: Decimal = Decimal("0.8")
    horizon_months: int = 12
    minimum_months: int = 6

    @property
    def cost_share(self) -> Fraction:
        """What of the price may be cost."""
        return _cost_share(self.target_margin_percent)


@cache
def _cost_share(target_margin_percent: Decimal) -> Fraction:
    return 1 - Fraction(target_margin_percent) / 100


@dataclass(frozen=True, slots=True)
class Rung:
    """The price a month that reaches the target with `probability`, and that price per device
    and per user, None without any."""

    probability: Decimal
    price: Money
    per_device: Money | None
    per_user: Money | None


@dataclass(frozen=True, slots=True)
class Bar:
    """With `percent` probability the price needed turns out between `above` and `up_to`."""

    above: Money
    up_to: Money
    percent: Decimal


def written(amount: Fraction, currency: str) -> Money:
    """`amount` minor units rounded up to 1, 2 or 5 times a power of ten, the largest of them that
    is at most 1 % of it, or to the minor unit."""
    least = math.ceil(amount)
    step = 1
    power = 10 ** max(len(str(least)) - 3, 0)
    for times in STEPS:
        if 100 * times * power <= least:
            step = times * power
            break
    return Money(math.ceil(amount / step) * step, currency)


def price(cost: float, terms: AdviceTerms, currency: str) -> Money:
    """The price that leaves the target margin where a month costs `cost` minor units."""
    return written(Fraction(cost) / terms.cost_share, currency)


def cost_at(probability: Decimal, spread: Spread, terms: AdviceTerms) -> float:
    """The cost a month over the horizon that is not exceeded with `probability`."""
    return spread.at(estimate(probability), terms.horizon_months)


def bounded(spread: Spread, terms: AdviceTerms) -> bool:
    """Whether the months are alike enough to bound the cost with every probability asked for: with
    the highest of them, they do with all."""
    return not math.isinf(cost_at(max(*LADDER, terms.probability), spread, terms))


def ladder(
    spread: Spread, terms: AdviceTerms, currency: str, devices: int, users: int
) -> tuple[Rung, ...]:
    """A rung for each probability, of a spread that is `bounded`."""
    rungs = []
    for probability in sorted({*LADDER, terms.probability}):
        cost = cost_at(probability, spread, terms)
        rungs.append(
            Rung(
                probability,
                price(cost, terms, currency),
                price(cost / devices, terms, currency) if devices else None,
                price(cost / users, terms, currency) if users else None,
            )
        )
    return tuple(rungs)


def chance(revenue: Money, spread: Spread, terms: AdviceTerms) -> Decimal:
    """The probability in whole percent that `revenue` a month leaves the target margin."""
    bearable = estimate(revenue.minor * terms.cost_share)
    return _percent(spread.chance(bearable, terms.horizon_months))


def bars(spread: Spread, terms: AdviceTerms, currency: str) -> tuple[Bar, ...]:
    """How probable each range of needed prices is, from the 2nd to the 98th percentile; the
    ranges are 1, 2 or 5 times a power of ten wide. None where nothing varies."""
    ahead = terms.horizon_months
    low, high = (
        Fraction(cost) / terms.cost_share
        for cost in (spread.at(0.02, ahead), min(spread.at(0.98, ahead), 4 * spread.mean))
    )
    if not spread.variance:
        return ()
    width = _width((high - low) / BARS)
    edges = [Money(at * width, currency) for at in range(int(low // width), int(high // width) + 2)]
    below = [spread.chance(estimate(edge.minor * terms.cost_share), ahead) for edge in edges]
    return tuple(
        Bar(a, b, _percent(up_to - above))
        for (a, b), (above, up_to) in zip(pairwise(edges), pairwise(below), strict=True)
    )


def _width(least: Fraction) -> int:
    """The next 1, 2 or 5 times a power of ten from `least` on."""
    power: int = 10 ** (len(str(math.ceil(least))) - 1)
    return min(times * power for times in (1, 2, 5, 10) if times * power >= least)


def expected(spread: Spread, currency: str) -> Money:
    """The mean cost of a month, to the minor unit."""
    return Money(round(spread.mean), currency)


def varies(spread: Spread) -> Decimal:
    """The standard deviation of one month in whole percent of the mean."""
    return _percent(math.sqrt(spread.variance))


def _percent(share: float) -> Decimal:
    return (100 * Decimal(share)).quantize(Decimal(1), rounding=ROUND_HALF_UP)


def estimate(exact: Decimal | Fraction) -> float:
    """`exact` as the number the statistics take."""
    return float(exact)
