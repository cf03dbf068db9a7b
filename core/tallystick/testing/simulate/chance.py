"""Every choice of a schedule, drawn from its seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """The same seed draws the same choices in the same order, on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a schedule is replayed, not kept secret

    def happens(self, permille: int) -> bool:
        """True in `permille` of a thousand cases."""
        return permille > 0 and self._random.randrange(1000) < permille

    def between(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def one_of(self, items: Sequence[T]) -> T:
        return items[self._random.randrange(len(items))]

    def weighted(self, weights: Mapping[T, int]) -> T:
        """One of the keys, as often as its share of all weights."""
        drawn = self._random.randrange(sum(weights.values()))
        for item, weight in weights.items():
            drawn -= weight
            if drawn < 0:
                return item
        raise AssertionError("the weights sum to more than was drawn")

    def lasts(self, least: timedelta, most: timedelta) -> timedelta:
        """Whole seconds between the two."""
        return timedelta(
            seconds=self.between(int(least.total_seconds()), int(most.total_seconds()))
        )
