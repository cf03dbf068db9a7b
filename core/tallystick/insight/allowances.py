"""Allowance used: how much of what a contract includes or has prepaid work took in a period.

    prepaid, 10 h a month, one rolls over      July      August
    left when the month began                     -          4
    came in it                                   10         10
    used of available                        6 of 10    9 of 14

Allowances of hours, included tickets, and prepaid balances and retainers in hours, tokens or
money. What includes quantities of units or usage is no work and not among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from tallystick.billing.charges import Charge, ChargeModel
from tallystick.billing.facts import Facts, in_force
from tallystick.billing.models.per_incident import PerIncidentTerms
from tallystick.billing.prepaid.standing import Standing
from tallystick.billing.pricing import Pricing
from tallystick.period import CALENDAR, Cycle, Period

AllowanceUnit = Literal["hours", "tickets", "tokens", "money"]
UNITS: tuple[AllowanceUnit, ...] = get_args(AllowanceUnit)
DEFINITION = (
    "what the period used of allowances, included tickets and prepaid balances, of what was left "
    "of them when it began and what came in it"
)
PLACES = Decimal("0.0001")


class Used(NamedTuple):
    """`used` of what was `available`, exact, in hours, tickets, tokens or major units of money."""

    used: Fraction = Fraction(0)
    available: Fraction = Fraction(0)

    def plus(self, other: Used) -> Used:
        return Used(self.used + other.used, self.available + other.available)

    def __str__(self) -> str:
        """`6 of 10`, to four places."""
        return f"{decimal(self.used):f} of {decimal(self.available):f}"


Units = Mapping[AllowanceUnit, Used]


def in_order(units: Container[AllowanceUnit]) -> list[AllowanceUnit]:
    """`units`, hours before money."""
    return [unit for unit in UNITS if unit in units]


def told(units: Units) -> dict[AllowanceUnit, dict[str, Decimal]]:
    """By unit, both figures to four places."""
    return {
        unit: {"used": decimal(of.used), "available": decimal(of.available)}
        for unit, of in units.items()
    }


class LineUsed(NamedTuple):
    """What was used of one contract line."""

    line: str
    unit: AllowanceUnit
    of: Used


def decimal(amount: Fraction) -> Decimal:
    """To four places, half away from zero."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(PLACES, rounding=ROUND_HALF_UP).normalize() + 0


def used(
    facts: Facts, pricing: Pricing, models: Mapping[str, ChargeModel], period: Period
) -> list[LineUsed]:
    """What `period` used of each line of a contract priced to its end, by line and unit. A line
    that had nothing to use is left out, one of which nothing was used is not."""
    found: dict[tuple[str, AllowanceUnit], Used] = {}
    for line, unit, of in _each(facts, pricing, models, period):
        found[line, unit] = found.get((line, unit), Used()).plus(of)
    return [LineUsed(line, unit, found[line, unit]) for line, unit in sorted(found)]


def _each(
    facts: Facts, pricing: Pricing, models: Mapping[str, ChargeModel], period: Period
) -> Iterator[LineUsed]:
    for one in pricing.allowances:
        if days := one.span.overlap(period):
            hours = {day: Fraction(s, 3600) for day, s in one.used_on.items()}
            of = _of_cycles(one.cycle, Fraction(one.allowed_s, 3600), hours, days, period)
            yield LineUsed(one.line, "hours", of)
    for line in facts.lines:
        terms = models[line.model].read_terms(line)
        span = in_force(line, facts.contract, period.end)
        days = span.overlap(period) if span else None
        if isinstance(terms, PerIncidentTerms) and terms.included and days:
            cycle = Cycle(terms.cycle, 1, CALENDAR)
            tickets = _included(line.id, terms.included, cycle, pricing.charges)
            of = _of_cycles(cycle, Fraction(terms.included), tickets, days, period)
            yield LineUsed(line.id, "tickets", of)
    for package in pricing.balances:
        if package.valid.overlap(period):
            yield LineUsed(package.line, package.unit, _of_package(package, period))


def _of_cycles(
    cycle: Cycle, allowed: Fraction, used_on: Mapping[date, Fraction], days: Period, period: Period
) -> Used:
    """Of every cycle with one of `days`: what the period used, and what it found of it."""
    total = Fraction(0)
    spent: dict[int, Fraction] = {}
    for day, amount in used_on.items():
        if period.covers(day):
            total += amount
        elif day < period.start:
            index = cycle.index_of(day)
            spent[index] = spent.get(index, Fraction(0)) + amount
    found = (
        allowed - spent.get(cycle.index_of(one.start), Fraction(0)) for one in cycle.within(days)
    )
    return Used(total, sum(found, Fraction(0)))


def _included(
    line: str, included: int, cycle: Cycle, charges: Iterable[Charge]
) -> dict[date, Fraction]:
    """How many of the line's tickets were included, by the day on which they count."""
    counted = sorted(
        one.service.start for one in charges if one.line == line and one.basis.startswith("ticket:")
    )
    so_far: Counter[int] = Counter()
    found: dict[date, Fraction] = {}
    for day in counted:
        index = cycle.index_of(day)
        so_far[index] += 1
        if so_far[index] <= included:
            found[day] = found.get(day, Fraction(0)) + 1
    return found


def _of_package(package: Standing, period: Period) -> Used:
    drawn = package.drawn_in.items()
    before = sum((amount for month, amount in drawn if month.start < period.start), Fraction(0))
    now = sum((amount for month, amount in drawn if period.covers(month.start)), Fraction(0))
    return Used(now, package.bought - before)
