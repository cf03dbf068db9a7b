"""A second way to draw prepaid balances: every package of a contract scanned for every booking.

It knows nothing of heaps, meters or pieces: it keeps how much of each package is left and how
many seconds of the booking are still open, in exact fractions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tallystick.billing.facts import Work
from tallystick.records import ContractLine

Days = Sequence[tuple[list[date], list[date]]]
"""Per cycle of a line, the days in force and all days."""


@dataclass
class Package:
    line: str
    basis: str
    start: date
    last: date
    bought: Fraction
    left: Fraction


@dataclass
class Line:
    """A prepaid line or retainer with the days of its cycles, read from its terms."""

    line: ContractLine
    days: Days
    counted: Callable[[Work], int]
    hourly: Callable[[Work], Fraction | None]
    minor: int
    topped_up: int = 0
    paid: set[str] = field(default_factory=set)
    beyond: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def terms(self) -> dict[str, Any]:
        if self.line.model == "prepaid":
            return self.line.terms
        amount = self.line.terms["unit_price"]
        return {**self.line.terms, "unit": "money", "quantity": amount, "overage": "rate"}

    @property
    def last_day(self) -> date:
        return self.days[-1][0][-1]

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
        return self.days[min(reach, len(self.days) - 1)][0][-1]

    def purchases(self, until: date) -> list[Package]:
        kind = self.line.model
        starts = [(f"{kind}:{whole[0]}", part[0]) for part, whole in self.days]
        if self.terms.get("bought") == "once":
            starts = [(f"{kind}:once", self.days[0][0][0])]
        amount = self.units(self.terms["quantity"])
        return [
            Package(self.line.id, basis, day, self.until(day), amount, amount)
            for basis, day in starts
            if day < until
        ]

    def cost(self, work: Work, counted: int, at: Fraction) -> Fraction | None:
        terms, kind = self.terms, work.work_type or ""
        if terms["unit"] == "money":
            rate = self.hourly(work)
            if rate is None:
                return None
            return Fraction(half_up(rate * self.minor * (counted - at) / 3600))
        weights = terms.get("weights", {})
        weight = Fraction(weights.get(kind, weights.get("*", 1)))
        if self.whole:
            return Fraction(0) if not work.seconds or work.ref in self.paid else weight
        return weight * (counted - at) / (1 if terms["unit"] == "hours" else 3600)

    @property
    def whole(self) -> bool:
        return self.terms.get("drawn_per") == "booking"


def half_up(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()


@dataclass
class Pool:
    """All of a contract's prepaid lines; `charges` are minor units by line, `packages` how they
    stand, `passed` the seconds of each booking that went on to lines that bill."""

    lines: Sequence[Line]
    until: date
    packages: list[Package] = field(default_factory=list)
    charges: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    passed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.lines:
            bought = line.purchases(self.until)
            self.packages += bought
            price = half_up(Fraction(line.terms["unit_price"]) * line.minor)
            for package, (part, _) in zip(bought, line.days, strict=False):
                if line.terms.get("timing") != "arrears" or part[-1] < self.until:
                    self.charges[package.line].append(price)

    def of(self, line: Line, day: date) -> list[Package]:
        usable = [
            one
            for one in self.packages
            if one.line == line.line.id and one.left and one.start <= day <= one.last
        ]
        return sorted(usable, key=lambda one: (one.last, one.start))

    def top_up(self, line: Line, day: date) -> None:
        line.topped_up += 1
        more = line.terms["top_up"]
        amount = line.units(more["quantity"])
        basis = f"topup:{line.topped_up}"
        self.packages.append(Package(line.line.id, basis, day, line.until(day), amount, amount))
        self.charges[line.line.id].append(half_up(Fraction(more["unit_price"]) * line.minor))

    def draw(self, work: Work, takers: Sequence[Line]) -> None:
        at, counted, limit = Fraction(0), None, 100
        while True:
            ready = []
            for line in takers:
                cost = line.cost(work, line.counted(work) if counted is None else counted, at)
                usable = self.of(line, work.work_date)
                if cost == 0:
                    ready = [((), line, usable)]
                    break
                enough = sum(one.left for one in usable) >= (cost or 0) or not line.whole
                if cost is not None and usable and enough:
                    order = (usable[0].last, usable[0].start, line.line.id)
                    ready.append((order, line, usable))
            if not ready:
                able = [
                    line
                    for line in takers
                    if line.terms.get("top_up") and line.cost(work, 1, Fraction(0)) is not None
                ]
                if not able or not limit:
                    return self.beyond(work, takers, at, counted)
                self.top_up(able[0], work.work_date)
                limit -= 1
                continue
            _, line, usable = min(ready, key=lambda one: one[0])
            counted = line.counted(work) if counted is None else counted
            need = line.cost(work, counted, at)
            assert need is not None
            got = Fraction(0)
            for package in usable if line.whole else usable[:1]:
                taken = min(need - got, package.left)
                package.left -= taken
                got += taken
            if line.whole and got:
                line.paid.add(work.ref)
            if got < need:
                at += self.seconds(line, work, got)
            while self.low(line, work.work_date) and limit:
                self.top_up(line, work.work_date)
                limit -= 1
            if got == need:
                return None

    def low(self, line: Line, day: date) -> bool:
        more = line.terms.get("top_up")
        left = sum(one.left for one in self.of(line, day))
        return bool(more) and left < line.units(more["below"])

    def seconds(self, line: Line, work: Work, units: Fraction) -> Fraction:
        if line.terms["unit"] == "money":
            rate = line.hourly(work)
            assert rate
            return units * 3600 / (rate * line.minor)
        hour = line.cost(work, 3600, Fraction(0))
        assert hour
        return units * 3600 / hour

    def beyond(self, work: Work, takers: Sequence[Line], at: Fraction, counted: int | None) -> None:
        counted = takers[0].counted(work) if counted is None else counted
        drawn = at.__floor__()
        worked, over = work.seconds - min(work.seconds, drawn), counted - drawn
        for line in takers:
            cost = line.cost(work, counted, at)
            if cost is None or line.terms["overage"] == "refuse":
                return
            if line.terms["overage"] == "bands":
                line.beyond[line.cycle(work.work_date)] += over
                return
            if line.terms["overage"] == "rate":
                rate = line.hourly(work)
                if line.terms["unit"] == "money":
                    self.charges[line.line.id].append(int(cost))
                elif rate is not None:
                    self.charges[line.line.id].append(half_up(rate * over * line.minor / 3600))
                return
        if worked:
            self.passed[work.ref] = worked

    def bands(self) -> None:
        """What is beyond of every cycle that is over, band by band, second by band."""
        for line in self.lines:
            for index, seconds in line.beyond.items():
                if line.days[index][0][-1] >= self.until:
                    continue
                below = Fraction(0)
                for band in line.terms["bands"]:
                    top = Fraction(band.get("up_to", 10**6)) * 3600
                    hours = (min(top, Fraction(seconds)) - below) / 3600
                    below = top
                    if hours > 0:
                        price = hours * Fraction(band["unit_price"]) * line.minor
                        self.charges[line.line.id].append(half_up(price))
