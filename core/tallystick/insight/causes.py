"""Causes: which ticket type or work type a contract's cost comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tallystick.insight.history import Cause, Month
from tallystick.insight.profit import percent
from tallystick.money import Money

MOST_FROM = Decimal(40)
"""A cause of this percent of the cost or more is the one to talk about."""


@dataclass(frozen=True, slots=True)
class Share:
    """One cause and its part of the cost, in percent to one place."""

    cause: Cause
    cost: Money
    percent: Decimal

    def __str__(self) -> str:
        return f"{self.percent} % of the cost is {self.cause.kind} {self.cause.name}"


def biggest(months: Iterable[Month], whole: Money) -> Share | None:
    """The cause with most of `whole`, None when none has `MOST_FROM` percent. One that is all of
    it tells nothing apart. Two kinds tell the same cost apart, so their shares do not add up; of
    equals the first by kind and name."""
    sums: dict[Cause, Money] = {}
    for month in months:
        for cause, cost in month.causes.items():
            sums[cause] = sums.get(cause, Money.zero(whole.currency)) + cost
    ranked = sorted(sums.items(), key=lambda one: (-one[1].minor, one[0]))
    for cause, cost in ranked:
        share = percent(cost, whole)
        if cost < whole and share is not None and share >= MOST_FROM:
            return Share(cause, cost, share)
    return None
