"""Counting: how many of what a line counts there are, on a day and over a period.

    things    A |============================>
              B        |=========|
    count     1 |  1   |    2    |   1        steps where a thing comes or goes

A thing counts from `active_from` to before `retired_on`. A `Census` sorts what comes and goes
once; asking it about a period costs what changes within it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, islice, pairwise
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

from tallystick.billing.charges import plausible
from tallystick.billing.facts import Facts
from tallystick.billing.quantities.tiers import shown
from tallystick.errors import SkipRecord
from tallystick.period import Period, one_day
from tallystick.records import Asset, Contact

NAMES_SHOWN = 20
RUNS_SHOWN = 12

Of = Literal["assets", "users", "licences", "literal"]
How = Literal["period_end", "peak", "average", "daily"]


class Rule(Struct, frozen=True, kw_only=True):
    """What is counted: things of one of the named types, in one of the groups, with one of the
    tags and in one of the statuses; `*` is any, and what is not named does not matter."""

    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def match(self, one: Asset | Contact) -> bool:
        return (
            among(self.types, one.type)
            and among(self.groups, one.group)
            and among(self.statuses, one.status)
            and (not self.tags or "*" in self.tags or not set(self.tags).isdisjoint(one.tags))
        )


def among(allowed: tuple[str, ...], value: str | None) -> bool:
    """Whether `value` is one of `allowed`; none is named and `*` are any."""
    return not allowed or "*" in allowed or value in allowed


class Thing(NamedTuple):
    """`quantity` of something that counts from `since` to before `until`; `kind` is its type, or
    the product."""

    name: str
    quantity: Fraction
    since: date
    until: date
    kind: str = ""


class Run(NamedTuple):
    """Days on which the count stays the same."""

    days: Period
    units: Fraction


class Census:
    """Things by the days on which they come and go; a question costs what changes in between."""

    def __init__(self, things: Iterable[Thing]) -> None:
        lasting = [one for one in things if one.since < one.until]
        changes: dict[date, Fraction] = defaultdict(Fraction)
        for one in lasting:
            changes[one.since] += one.quantity
            changes[one.until] -= one.quantity
        self._days = sorted(day for day, change in changes.items() if change)
        self._counts = list(accumulate(changes[day] for day in self._days))
        self._by_name = sorted(lasting)
        self._came = sorted(one.since for one in lasting)
        self._gone = sorted(one.until for one in lasting)

    def on(self, day: date) -> Fraction:
        index = bisect_right(self._days, day)
        return self._counts[index - 1] if index else Fraction(0)

    def runs(self, period: Period) -> list[Run]:
        """`period` cut at every day on which the count changes."""
        inside = slice(bisect_right(self._days, period.start), bisect_left(self._days, period.end))
        cuts = [period.start, *self._days[inside], period.end]
        return [Run(Period(start, end), self.on(start)) for start, end in pairwise(cuts)]

    def names(self, period: Period) -> str:
        """What counts on any day of `period`, by name: the first of them, and how many more."""
        inside = bisect_left(self._came, period.end) - bisect_right(self._gone, period.start)
        names = (one.name for one in self._by_name if _counts_in(one, period))
        return first(list(islice(names, min(inside, NAMES_SHOWN))), inside)


def _counts_in(one: Thing, period: Period) -> bool:
    return one.since < period.end and period.start < one.until


def first(said: list[str], in_all: int, between: str = ", ") -> str:
    """The first of `in_all` things in words, and how many more there are."""
    more = in_all - len(said)
    return between.join(said) + (f" and {more} more" if more else "")


def things_of(facts: Facts, of: Of, rule: Rule, products: tuple[str, ...]) -> Iterator[Thing]:
    """Everything the rule takes. Raises `SkipRecord` for a quantity of licences nobody can mean."""
    if of == "licences":
        for licence in facts.licences:
            if among(products, licence.product):
                if not plausible(licence.quantity):
                    raise SkipRecord(
                        f"{licence.quantity} of {licence.product} is not a plausible quantity.",
                        do="Correct the licence at its source.",
                        record="licence",
                        ref=licence.id,
                    )
                name = f"{shown(Fraction(licence.quantity))} {licence.product}"
                yield _dated(name, Fraction(licence.quantity), licence, licence.product)
        return
    for one in facts.assets if of == "assets" else facts.users:
        if rule.match(one):
            yield _dated(one.name, Fraction(1), one, one.type or "")


class _Lasting(Protocol):
    @property
    def active_from(self) -> date | None: ...
    @property
    def retired_on(self) -> date | None: ...


def _dated(name: str, quantity: Fraction, one: _Lasting, kind: str) -> Thing:
    return Thing(name, quantity, one.active_from or date.min, one.retired_on or date.max, kind)


@dataclass(frozen=True, slots=True)
class Counted:
    """The count that is priced over a period, as runs of days that weigh by their length (one
    run where a single count speaks for all days), and where it comes from."""

    runs: tuple[Run, ...]
    reason: str


class What(NamedTuple):
    """What is counted, in words: `device`, and `of type server` where not all of them are."""

    noun: str
    which: str

    def some(self, units: Fraction | None) -> str:
        number = "" if units is None else f"{shown(units)} "
        return f"{number}{self.noun}{'' if units == 1 else 's'}{self.which and ' ' + self.which}"


def count(census: Census, how: How, part: Period, what: What) -> Counted:
    """The count of `what` over `part`.

    `period_end`: that of the last day. `peak`: the highest of any day. `average`: weighted by the
    days it held, exact. `daily`: that of each day.
    """
    runs = census.runs(part)
    if how == "daily":
        why = f"{what.some(None)}, day by day {_in_words(runs)}{_named(census, part)}"
        return Counted(tuple(runs), why)
    if how == "average":
        average = weighted(runs)
        detail = f" ({_in_words(runs)})" if len(runs) > 1 else ""
        why = f"{what.some(average)} on average{detail}{_named(census, part)}"
        return Counted((Run(part, average),), why)
    chosen = max(runs, key=lambda run: run.units) if how == "peak" else runs[-1]
    day = chosen.days.start if how == "peak" else part.last_day
    on = "at most, first on" if how == "peak" else "on"
    names = _named(census, one_day(day))
    why = f"{what.some(chosen.units)} {on} {day}{names}"
    return Counted((Run(part, chosen.units),), why)


def weighted(runs: Iterable[Run]) -> Fraction:
    """The average of the counts, weighted by their days."""
    counted = list(runs)
    days = sum(run.days.days for run in counted)
    return sum((run.units * run.days.days for run in counted), Fraction(0)) / days


def _in_words(runs: list[Run]) -> str:
    said = [f"{shown(run.units)} in {run.days}" for run in runs[:RUNS_SHOWN]]
    return first(said, len(runs))


def _named(census: Census, period: Period) -> str:
    names = census.names(period)
    return f": {names}" if names else ""


def charged(counted: Fraction, minimum: Decimal, included: Decimal) -> Fraction:
    """How many of `counted` units are paid for: at least `minimum` are counted, and of what is
    counted `included` are free. Less than no units stay what they are."""
    least = max(counted, Fraction(minimum)) if minimum else counted
    return least if least < 0 else max(least - Fraction(included), Fraction(0))


def charged_in_words(counted: Fraction, minimum: Decimal, included: Decimal) -> Iterator[str]:
    """How `charged` came to something else than was counted."""
    if minimum and counted < minimum:
        yield f"{minimum} are counted at the least"
    if included and max(counted, Fraction(minimum)) > 0:
        yield f"{included} of them are free"
