"""What a line that recurs charges, reckoned another way than billing does: one day at a time."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from tallystick.billing.facts import Facts
from tallystick.records import ContractLine

from .schedule_strategies import INDEX

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY = timedelta(days=1)
Days = tuple[date, ...]


class Paid(NamedTuple):
    """Days charged alike: which share of a cycle they cost, at which price and quantity, and the
    day that has to be over before they are billed."""

    days: list[date]
    share: Fraction
    unit_price: Fraction
    quantity: Fraction
    due_on: date


def rounded(amount: Fraction, places: int) -> int:
    """Minor units, half away from zero."""
    doubled = 2 * abs(amount) * 10**places + 1
    minor = int(doubled.numerator // (2 * doubled.denominator))
    return minor if amount >= 0 else -minor


def begins(unit: str, every: int, anchor: date, on: int, day: date) -> bool:
    """Whether a cycle begins on `day`."""
    if unit in MONTHS:
        apart = 12 * (day.year - anchor.year) + day.month - anchor.month
        its_day = min(on, calendar.monthrange(day.year, day.month)[1])
        return day.day == its_day and apart % (MONTHS[unit] * every) == 0
    return (day - anchor).days % (every * (7 if unit == "week" else 1)) == 0


@lru_cache(maxsize=2000)
def wholes(unit: str, every: int, anchor: date, on: int, since: date, until: date) -> list[Days]:
    """The cycles that have a day from `since` to before `until`, every day of each."""
    day = since
    while not begins(unit, every, anchor, on, day):
        day -= DAY
    found: list[list[date]] = []
    while not (begins(unit, every, anchor, on, day) and day >= until):
        if begins(unit, every, anchor, on, day):
            found.append([])
        found[-1].append(day)
        day += DAY
    return [tuple(one) for one in found]


def bounds(of: Facts, line: ContractLine) -> tuple[date, date]:
    """The first day of a line, and the first day it is out."""
    contract = of.contract
    ends = [one or date.max for one in (contract.ends_on, line.ends_on)]
    if contract.cancelled_on:
        ends.append(contract.cancelled_on + timedelta(days=contract.notice_days or 0))
    return max(contract.starts_on, line.starts_on or date.min), min(ends)


def in_force(of: Facts, line: ContractLine, day: date) -> bool:
    start, end = bounds(of, line)
    return start <= day < end


def cycles(of: Facts, line: ContractLine, until: date) -> Iterator[tuple[Days, Days]]:
    """(days in force, all days) of each cycle of the line that is in force before `until`."""
    terms, (start, end) = line.terms, bounds(of, line)
    if start >= min(end, until):
        return
    anchors = {"calendar": date(2001, 1, 1), "contract": of.contract.starts_on, "line": start}
    anchor = anchors[terms.get("align", "calendar")]
    on = terms.get("anchor_day") or anchor.day
    unit, every = terms.get("cycle", "month"), terms.get("every", 1)
    for whole in wholes(unit, every, anchor, on, start, min(end, until)):
        yield tuple(day for day in whole if start <= day < end), whole


def within(day: date, spans: object) -> bool:
    assert isinstance(spans, list)
    return any(one["since"] <= day < one.get("until", date.max) for one in spans)


def weight_360(day: date) -> int:
    return 30 - (day.day - 1) if (day + DAY).day == 1 else 1


def share(convention: str, part: Days, whole: Days) -> Fraction:
    if convention in ("full", "none"):
        return Fraction(convention == "full" or part == whole)
    if convention == "actual_days":
        return Fraction(len(part), len(whole))
    return Fraction(sum(map(weight_360, part)), sum(map(weight_360, whole)) or 1)


def paid(of: Facts, line: ContractLine, until: date, places: int) -> Iterator[Paid]:
    """What of each cycle is charged and due before `until`."""
    terms, (start, _) = line.terms, bounds(of, line)
    price = dated_prices(terms, start, places)
    pauses = [*of.contract.terms.get("pauses", []), *terms.get("pauses", [])]

    def cost(day: date) -> tuple[Fraction, Fraction] | None:
        idle = within(day, pauses) or within(day, terms.get("free", []))
        return None if idle or (day - start).days < terms.get("trial_days", 0) else price(day)

    for part, whole in cycles(of, line, until):
        advance = terms["timing"] == "advance"
        if not advance and part[-1] >= until:
            continue
        costs = {day: cost(day) for day in part}
        charged = [day for day in part if costs[day] is not None]
        if not charged:
            continue
        due_on = charged[0] if advance else part[-1]
        if due_on >= until:
            continue
        convention = terms.get("proration", "actual_days")
        if convention in ("none", "full"):
            all_of_it = convention == "full" or tuple(charged) == whole
            first = costs[charged[0]]
            assert first is not None
            yield Paid(list(part), Fraction(all_of_it), *first, due_on)
            continue
        for figures, alike in groupby(part, costs.__getitem__):
            days = tuple(alike)
            if figures is not None:
                by_days = Fraction(1) if days == whole else share(convention, days, whole)
                yield Paid(list(days), by_days, *figures, due_on)


def dated_prices(
    terms: dict, start: date, places: int
) -> Callable[[date], tuple[Fraction, Fraction]]:
    """Unit price and quantity by day."""
    written = terms.get("unit_price")
    unit_price, quantity = Fraction(written or 0), Fraction(terms.get("quantity", 1))
    found = [(date.min, unit_price, quantity)]
    uplift = terms.get("uplift") or {}
    reference = uplift.get("base")
    events: set[date] = {step["since"] for step in terms.get("steps", [])}
    first = uplift.get("since")
    rises = [first.replace(year=first.year + n) for n in range(5)] if first else []
    finer = max(places, -Decimal(written).as_tuple().exponent) if written is not None else places
    for day in sorted({*events, *(rise for rise in rises if rise > start)}):
        if day in rises and day > start:
            percent, reference = rise_of(uplift, day, reference)
            unit_price = Fraction(rounded(unit_price * (1 + percent / 100), finer), 10**finer)
        for step in terms.get("steps", []):
            if step["since"] == day:
                unit_price = Fraction(step.get("unit_price", unit_price))
                quantity = Fraction(step.get("quantity", quantity))
        found.append((day, unit_price, quantity))
    return lambda day: next((a, b) for since, a, b in reversed(found) if since <= day)


def rise_of(uplift: dict, day: date, reference: str | None) -> tuple[Fraction, str | None]:
    if "percent" in uplift:
        return Fraction(uplift["percent"]), None
    months = 12 * day.year + day.month - 1 - uplift["lag_months"]
    month = f"{months // 12}-{months % 12 + 1:02}"
    now, before = (INDEX[date.fromisoformat(f"{one}-01")] for one in (month, reference))
    percent = (Fraction(now) - Fraction(before)) * 100 / Fraction(before)
    if uplift["floor_percent"] is not None:
        percent = max(percent, Fraction(uplift["floor_percent"]))
    if uplift["cap_percent"] is not None:
        percent = min(percent, Fraction(uplift["cap_percent"]))
    return percent, month
