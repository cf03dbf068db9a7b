"""Student's t with whole degrees of freedom, which is what a few months leave.

The sums are 26.7.3 and 26.7.4 of Abramowitz and Stegun, Handbook of Mathematical Functions
(1964). Floats: these are probabilities of estimates, never money.
"""

from __future__ import annotations

import math
from functools import lru_cache

WIDEST = 1e6
"""Quantiles are looked for up to here: t of one degree of freedom at a probability of 1 - 3e-7."""


def below(t: float, freedom: int) -> float:
    """The probability that a t with `freedom` degrees (1 or more) is at most `t`."""
    angle = math.atan2(t, math.sqrt(freedom))
    sine, squared = math.sin(angle), math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    series = 0.0 if freedom == 1 else term
    for degree in range(3 if odd else 2, freedom - 1, 2):
        term *= squared * (degree - 1) / degree
        series += term
    within = 2 / math.pi * (angle + sine * series) if odd else sine * series
    return 0.5 + within / 2


@lru_cache(maxsize=4096)
def quantile(probability: float, freedom: int) -> float:
    """The t that is not exceeded with `probability`, between 0 and 1, to 12 digits."""
    if probability < 0.5:
        return -quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while below(high, freedom) < probability and high < WIDEST:
        low, high = high, 2 * high
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        if below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high
