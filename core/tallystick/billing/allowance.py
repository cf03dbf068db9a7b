"""An allowance: so many hours of work a line includes in each calendar cycle, used up day by day.

July      |==== 10 h ====|    6 h used, 4 h left: they go with July
August    |==== 10 h ====|    10 h used; further work goes on to the next line
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from tallystick.billing.charges import Covers
from tallystick.period import CALENDAR, Cycle, Period


@dataclass(slots=True)
class Allowance:
    """`allowed_s` seconds in each `cycle` of the line in force on the days of `span`; `used_s` by
    cycle, `used_on` by the day of the work."""

    line: str
    allowed_s: int
    cycle: Cycle
    span: Period
    used_s: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    used_on: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def of(cls, line: str, covers: Covers, span: Period) -> Allowance | None:
        """The allowance of a line, nothing used yet; None where it has none."""
        if covers.allowance_hours is None:
            return None
        cycle = Cycle(covers.allowance_cycle, 1, CALENDAR)
        return cls(line, int(covers.allowance_hours * 3600), cycle, span)

    def take(self, day: date, seconds: int) -> int:
        """Up to `seconds` of work done on `day`: what is left for it."""
        index = self.cycle.index_of(day)
        taken_s = min(seconds, self.allowed_s - self.used_s[index])
        self.used_s[index] += taken_s
        self.used_on[day] += taken_s
        return taken_s

    def give_back(self, day: date, seconds: int) -> None:
        """Return what the line was offered and did not take."""
        self.used_s[self.cycle.index_of(day)] -= seconds
        self.used_on[day] -= seconds

    def so_far_s(self, day: date) -> int:
        """What the cycle of `day` has used."""
        return self.used_s[self.cycle.index_of(day)]
