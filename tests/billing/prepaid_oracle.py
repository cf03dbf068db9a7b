"""A second way to draw prepaid balances: every package of a contract scanned for every booking.

It knows nothing of heaps, meters or pieces: it keeps how much of each package is left and how
many seconds of the booking are still open, in exact fractions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

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


@dataclass
class Line:
    """A prepaid line or retainer with the days of its cycles, (in force, all), read from its
    terms; its cycles go on until all that is asked about them is over. `end` is the first day
    it is out."""

    line: ContractLine
    days: Sequence[tuple[Days, Days]]
    end: date
    rounding: Callable[[int], int]
    hourly: Callable[[Work], Fraction | None]
    minor: int
    topped_up: int = 0
    paid: set[str] = field(default_factory=set)
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
        before = self.before[work.ref]
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
    """All of a contract's prepaid lines; `charges` are what they come to by line, `packages` how
    they stand."""

    lines: Sequence[Line]
    until: date
    packages: list[Package] = field(default_factory=list)
    charges: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for line in self.lines:
            for package, entry in line.purchases(self.until):
                self.packages.append(package)
                if entry.due_on < self.until:
                    self.charges[package.line].append(entry)

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
        price = half_up(Fraction(more["unit_price"]) * line.minor)
        self.charges[line.line.id].append(on(day, price))

    def draw(self, work: Work, takers: Sequence[Line]) -> int:
        """Draw a piece of a booking; returns the seconds that go on to lines that bill."""
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
            if counted is None:
                counted = self.count(line, work)
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
                return 0

    def count(self, line: Line, work: Work) -> int:
        counted = line.counted(work)
        line.before[work.ref] += work.seconds
        return counted

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

    def beyond(self, work: Work, takers: Sequence[Line], at: Fraction, counted: int | None) -> int:
        counted = self.count(takers[0], work) if counted is None else counted
        drawn = at.__floor__()
        worked, over = work.seconds - min(work.seconds, drawn), counted - drawn
        for line in takers:
            cost = line.cost(work, counted, at)
            if cost is None or line.terms["overage"] == "refuse":
                return 0
            if line.terms["overage"] == "bands":
                line.beyond[line.cycle(work.work_date)] += over
                return 0
            if line.terms["overage"] == "rate":
                rate = line.hourly(work)
                if line.terms["unit"] == "money":
                    self.charges[line.line.id].append(on(work.work_date, int(cost)))
                elif rate is not None:
                    price = half_up(rate * over * line.minor / 3600)
                    self.charges[line.line.id].append(on(work.work_date, price))
                return 0
        return worked

    def bands(self) -> None:
        """What is beyond of every cycle that is over, band by band, second by band."""
        for line in self.lines:
            for index, seconds in line.beyond.items():
                days = line.days[index][0]
                if days[-1] >= self.until:
                    continue
                below = Fraction(0)
                for band in line.terms["bands"]:
                    top = Fraction(band.get("up_to", 10**6)) * 3600
                    hours = (min(top, Fraction(seconds)) - below) / 3600
                    below = top
                    if hours > 0:
                        price = hours * Fraction(band["unit_price"]) * line.minor
                        entry = Entry(half_up(price), days[-1], days[0], days[-1])
                        self.charges[line.line.id].append(entry)
