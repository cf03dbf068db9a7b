"""Contracts whose effort is known: months drawn from named distributions, all of mean 1,000.00."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from random import Random

MEAN = 100_000
Draw = Callable[[Random, int], list[int]]


def gamma(shape: float) -> Draw:
    return lambda random, months: _minor(
        random.gammavariate(shape, MEAN / shape) for _ in range(months)
    )


def log_normal(sigma: float) -> Draw:
    middle = math.log(MEAN) - sigma * sigma / 2
    return lambda random, months: _minor(
        random.lognormvariate(middle, sigma) for _ in range(months)
    )


def compound(bookings: float) -> Draw:
    """So many bookings a month on average, each of log-normal size."""
    middle = math.log(MEAN / bookings) - 0.32
    return lambda random, months: _minor(
        sum(random.lognormvariate(middle, 0.8) for _ in range(_poisson(random, bookings)))
        for _ in range(months)
    )


def seasonal(shape: float, swing: float) -> Draw:
    """A year's wave, beginning anywhere, times gamma months."""

    def draw(random: Random, months: int) -> list[int]:
        begins = random.randrange(12)
        waves = (1 + swing * math.sin(math.tau * (month + begins) / 12) for month in range(months))
        return _minor(wave * random.gammavariate(shape, MEAN / shape) for wave in waves)

    return draw


def _poisson(random: Random, mean: float) -> int:
    """Knuth's product of uniforms."""
    count, product = -1, 1.0
    while product > math.exp(-mean):
        count, product = count + 1, product * random.random()
    return count


def _minor(months: Iterable[float]) -> list[int]:
    return [round(month) for month in months]


KNOWN: dict[str, Draw] = {
    "gamma, quiet": gamma(20),
    "gamma": gamma(4),
    "gamma, wild": gamma(1.5),
    "log-normal": log_normal(0.4),
    "compound Poisson, 3 a month": compound(3),
    "compound Poisson, 10 a month": compound(10),
}
SEASONAL: dict[str, Draw] = {
    "season of 30 %": seasonal(20, 0.3),
    "season of 50 %": seasonal(8, 0.5),
}
