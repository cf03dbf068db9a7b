"""The meter of a piece of work: what each of its counted seconds costs in a balance.

counted   0:00                1:00         1:30
hours      |== 1 h an hour ===================|    weight 1
money      |==== 90.00/h =====|== 135.00/h ===|    the rate card, cut where the price changes
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Meter:
    """Runs of `(seconds, units a second)` in order; `whole` where only whole units are drawn."""

    runs: tuple[tuple[int, Fraction], ...]
    whole: bool = False

    def cost(self, at: Fraction) -> Fraction:
        """The units that all time from `at` seconds on costs, whole ones rounded half up."""
        total = Fraction(0)
        end = 0
        for seconds, a_second in self.runs:
            end += seconds
            total += max(Fraction(0), min(Fraction(seconds), end - at)) * a_second
        return Fraction(int(total + Fraction(1, 2))) if self.whole else total

    def reach(self, at: Fraction, units: Fraction) -> Fraction:
        """How far `units` go from `at` on, in seconds from the beginning."""
        end = 0
        for seconds, a_second in self.runs:
            end += seconds
            if end <= at:
                continue
            cost = (end - at) * a_second
            if cost > units:
                return at + units / a_second
            units -= cost
            at = Fraction(end)
        return at
