"""A second way to draw prepaid balances: every package of a contract scanned for every booking.

It knows nothing of heaps, meters or pieces: it keeps how much of each package is left and how
many seconds of the booking are still open, in exact fractions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tallystick.billing.facts import Work

from .package_oracle import Entry, Line, Package, half_up, later, on


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
                at = line.reach(work, counted, at, got)
            while self.low(line, work.work_date) and limit:
                self.top_up(line, work.work_date)
                limit -= 1
            if got == need:
                return 0

    def count(self, line: Line, work: Work) -> int:
        counted = line.counted(work)
        line.before[line.together(work)] += work.seconds
        return counted

    def low(self, line: Line, day: date) -> bool:
        more = line.terms.get("top_up")
        left = sum(one.left for one in self.of(line, day))
        return bool(more) and left < line.units(more["below"])

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
                worth = int(cost) if line.terms["unit"] == "money" else None
                self.bill(line, later(work, work.seconds - worked, worked), over, worth)
                return 0
        return worked

    def bill(self, line: Line, rest: Work, over: int, worth: int | None) -> None:
        """Each run of one price by itself; the last so that all make the worth of the money. A
        call-out comes on top, once a booking, for time that was worked."""
        amounts = [
            half_up(price * seconds * line.minor / 3600)
            for seconds, price in line.priced(rest, over) or ()
        ]
        if worth is not None and amounts:
            amounts[-1] += worth - sum(amounts)
        fee = line.fee(rest) if rest.seconds and rest.ref not in line.called else 0
        if fee:
            line.called.add(rest.ref)
            amounts.append(fee * line.minor)
        self.charges[line.line.id] += [on(rest.work_date, amount) for amount in amounts]

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
