"""What a prepaid line buys, how long it lasts and what work costs there, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from msgspec.structs import replace

from tallystick.billing.facts import Work
from tallystick.records import ContractLine

from .schedule_oracle import Days


class Entry(NamedTuple):
    """What a line comes to for one fact, in minor units; `due_on` has to be over before it is
    billed, `start` and `last` are the first and last day of what was served."""

    amount: int
    due_on: date
    start: date
    last: date
    category: str | None = None


def on(day: date, amount: int) -> Entry:
    return Entry(amount, day, day, day)


@dataclass
class Package:
    line: str
    basis: str
    start: date
    last: date
    bought: Fraction
    left: Fraction


Runs = Sequence[tuple[int, Fraction]]
"""Counted seconds and the price of their hour in major units, one after the other."""


@dataclass
class Line:
    """A prepaid line or retainer with the days of its cycles, (in force, all), read from its
    terms; its cycles go on until all that is asked about them is over. `end` is the first day
    it is out. `rounding` is of seconds worked `together`, `priced` of a piece's counted seconds,
    `fee` a piece's call-out in major units."""

    line: ContractLine
    days: Sequence[tuple[Days, Days]]
    end: date
    rounding: Callable[[int], int]
    together: Callable[[Work], str]
    priced: Callable[[Work, int], Runs | None]
    fee: Callable[[Work], int]
    minor: int
    topped_up: int = 0
    paid: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    before: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    beyond: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def terms(self) -> dict[str, Any]:
        if self.line.model == "prepaid":
            return self.line.terms
        amount = self.line.terms["unit_price"]
        return {**self.line.terms, "unit": "money", "quantity": amount, "overage": "rate"}

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def counted(self, work: Work) -> int:
        """What a piece of a booking counts beside those counted here before."""
        before = self.before[self.together(work)]
        return self.rounding(before + work.seconds) - self.rounding(before)

    def units(self, quantity: Any) -> Fraction:
        scale = {"hours": 3600, "money": self.minor, "tokens": 1}[self.terms["unit"]]
        exact = Fraction(quantity) * scale
        return Fraction(half_up(exact)) if self.terms["unit"] == "money" else exact

    def cycle(self, day: date) -> int:
        return next(i for i, (_, whole) in enumerate(self.days) if day in whole)

    def until(self, start: date) -> date:
        """The last day on which a package bought on `start` can be used."""
        after = self.terms.get("expires_after")
        if after and "days" in after:
            return min(start + timedelta(days=after["days"] - 1), self.last_day)
        if after:
            months = start.year * 12 + start.month - 1 + after["months"]
            first = date(months // 12, months % 12 + 1, 1)
            length = ((first + timedelta(days=32)).replace(day=1) - first).days
            expires = first + timedelta(days=min(start.day, length) - 1)
            return min(expires - timedelta(days=1), self.last_day)
        if self.terms.get("bought") == "once":
            return self.last_day
        reach = self.cycle(start) + self.terms.get("rollover_periods", 0)
        return self.days[reach][0][-1] if reach < len(self.days) else self.last_day

    def purchases(self, until: date) -> Iterator[tuple[Package, Entry]]:
        """Each package bought before `until`, with what it costs and when."""
        kind, once = self.line.model, self.terms.get("bought") == "once"
        amount = self.units(self.terms["quantity"])
        price = half_up(Fraction(self.terms["unit_price"]) * self.minor)
        for part, whole in self.days[:1] if once else self.days:
            if part[0] < until:
                basis = f"{kind}:{'once' if once else whole[0]}"
                day = part[0]
                due_on = part[-1] if self.terms.get("timing") == "arrears" else day
                yield (
                    Package(self.line.id, basis, day, self.until(day), amount, amount),
                    Entry(price, due_on, day, day if once else part[-1]),
                )

    def cost(self, work: Work, counted: int, at: Fraction) -> Fraction | None:
        terms, kind = self.terms, work.work_type or ""
        if terms["unit"] == "money":
            runs = self.priced(work, counted)
            return None if runs is None else Fraction(half_up(self.worth(runs, at)))
        weights = terms.get("weights", {})
        weight = Fraction(weights.get(kind, weights.get("*", 1)))
        if self.whole:
            return Fraction(0) if not work.seconds or work.ref in self.paid else weight
        return weight * (counted - at) / (1 if terms["unit"] == "hours" else 3600)

    def worth(self, runs: Runs, at: Fraction) -> Fraction:
        """What is after `at` of `runs`, in minor units, exact."""
        exact, end = Fraction(0), 0
        for seconds, price in runs:
            end += seconds
            exact += max(Fraction(0), min(Fraction(seconds), end - at)) * price * self.minor / 3600
        return exact

    def reach(self, work: Work, counted: int, at: Fraction, units: Fraction) -> Fraction:
        """How far `units` go from `at` on."""
        if self.terms["unit"] != "money":
            hour = self.cost(work, 3600, Fraction(0))
            assert hour
            return at + units * 3600 / hour
        end = 0
        for seconds, price in self.priced(work, counted) or ():
            end += seconds
            if end > at:
                second = price * self.minor / 3600
                if (end - at) * second > units:
                    return at + units / second
                units -= (end - at) * second
                at = Fraction(end)
        return at

    @property
    def whole(self) -> bool:
        return self.terms.get("drawn_per") == "booking"


def half_up(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()


def later(work: Work, first: int, seconds: int) -> Work:
    """`seconds` of a booking from `first` on."""
    begun = work.started_at and work.started_at + timedelta(seconds=first)
    return replace(work, seconds=seconds, started_at=begun)
