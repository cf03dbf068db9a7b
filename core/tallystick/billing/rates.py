"""Rate cards: which hourly price applies to a booking, and how its time is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tallystick.billing.facts import Work


@dataclass(frozen=True, slots=True)
class Rate:
    """`hourly` major units for bookings that match; None matches anything."""

    hourly: Decimal
    work_type: str | None = None
    role: str | None = None
    valid_from: date = date.min

    def __str__(self) -> str:
        conditions = [f"{name} {value}" for name, value in self._conditions() if value]
        since = "" if self.valid_from == date.min else f" from {self.valid_from}"
        return f"{self.hourly}/h for {' and '.join(conditions) or 'any work'}{since}"

    def _conditions(self) -> tuple[tuple[str, str | None], ...]:
        return (("work type", self.work_type), ("role", self.role))

    def matches(self, work: Work) -> bool:
        return (
            self.work_type in (None, work.work_type)
            and self.role in (None, work.role)
            and self.valid_from <= work.work_date
        )

    @property
    def precedence(self) -> tuple[int, bool, date]:
        """More conditions win, then the work type over the role, then the later date."""
        named = sum(value is not None for _, value in self._conditions())
        return (named, self.work_type is not None, self.valid_from)


@dataclass(frozen=True, slots=True)
class RateCard:
    """Dated hourly prices in one currency. A booking counts at least `minimum_s` seconds and
    is rounded up to whole `increment_s`; no time at all counts nothing."""

    name: str
    currency: str
    rates: tuple[Rate, ...]
    minimum_s: int = 0
    increment_s: int = 1

    def counted(self, seconds: int) -> int:
        """`seconds` after the minimum and the increment."""
        if seconds <= 0:
            return 0
        at_least = max(seconds, self.minimum_s)
        return -(-at_least // self.increment_s) * self.increment_s

    def rounding(self, seconds: int) -> str:
        """The rounding of one booking in words."""
        counted = self.counted(seconds)
        if counted == seconds:
            return f"{clock(seconds)} worked"
        rule = f"minimum {clock(self.minimum_s)}, then each started {clock(self.increment_s)}"
        return f"{clock(seconds)} worked counts {clock(counted)} ({rule})"

    def find(self, work: Work) -> Rate | None:
        """The most specific rate in force on the work date, None when nothing matches."""
        candidates = [rate for rate in self.rates if rate.matches(work)]
        return max(candidates, key=lambda rate: rate.precedence, default=None)


def clock(seconds: int) -> str:
    """Seconds as `h:mm`, or `h:mm:ss` when they are not whole minutes."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def hours(seconds: int) -> Decimal:
    """Seconds as decimal hours for display, to six places without trailing zeros."""
    return (Decimal(seconds) / 3600).quantize(Decimal("0.000001")).normalize() + 0
