"""Rate cards: which hourly price applies to a booking, and how its time is rounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from tallystick.billing.rates.cascade import Cascade
from tallystick.billing.rates.rules import Rate

Per = Literal["booking", "ticket", "ticket_day"]
PER: dict[Per, str] = {"booking": "", "ticket": " per ticket", "ticket_day": " per ticket and day"}


@dataclass(frozen=True)
class RateCard:
    """Dated prices in one currency. What is rounded together counts at least `minimum_s` seconds
    and is rounded up to whole `increment_s`; no time at all counts nothing."""

    name: str
    currency: str
    rates: tuple[Rate, ...]
    minimum_s: int = 0
    increment_s: int = 1
    rounding_per: Per = "booking"

    @cached_property
    def cascade(self) -> Cascade:
        """Its rules, ready to be asked for many bookings."""
        return Cascade(self.name, self.rates)

    def counted(self, seconds: int) -> int:
        """`seconds` after the minimum and the increment."""
        if seconds <= 0:
            return 0
        at_least = max(seconds, self.minimum_s)
        return -(-at_least // self.increment_s) * self.increment_s

    def alone(self, seconds: int) -> tuple[int, str]:
        """What `seconds` count that are rounded with nothing else, and why in words."""
        found = self._alone.get(seconds)
        if found is None:
            counted = self.counted(seconds)
            found = self._alone[seconds] = (counted, self.rounded(seconds, counted, 0))
        return found

    @cached_property
    def _alone(self) -> dict[int, tuple[int, str]]:
        """What was asked before: a booking lasts one of few lengths."""
        return {}

    def rounding(self, seconds: int) -> str:
        """The rounding of one booking in words."""
        return self.rounded(seconds, self.counted(seconds), 0)

    def rounded(self, seconds: int, counted: int, before_s: int) -> str:
        """In words what `seconds` count after `before_s` of the same ticket."""
        if counted == seconds:
            return f"{clock(seconds)} worked"
        rule = _rule(self.minimum_s, self.increment_s, self.rounding_per)
        return _counts(seconds, counted, before_s, rule)


def shares(counted: int, parts_s: Iterable[int]) -> list[int]:
    """`counted` seconds over the parts of a booking: each what was worked in it as far as it
    goes, the last also what is counted beyond that."""
    left = counted
    result = []
    for worked in parts_s:
        result.append(min(worked, left))
        left -= result[-1]
    result[-1] += left
    return result


@lru_cache(maxsize=100_000)
def _counts(seconds: int, counted: int, before_s: int, rule: str) -> str:
    before = f" after {clock(before_s)} before" if before_s else ""
    return f"{clock(seconds)} worked{before} counts {clock(counted)} ({rule})"


@lru_cache
def _rule(minimum_s: int, increment_s: int, per: Per) -> str:
    return f"minimum {clock(minimum_s)}, then each started {clock(increment_s)}{PER[per]}"


@lru_cache(maxsize=100_000)
def clock(seconds: int) -> str:
    """Seconds as `h:mm`, or `h:mm:ss` when they are not whole minutes."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


@lru_cache(maxsize=100_000)
def hours(seconds: int) -> Decimal:
    """Seconds as decimal hours for display, to six places without trailing zeros."""
    return (Decimal(seconds) / 3600).quantize(Decimal("0.000001")).normalize() + 0
