"""What a line that recurs charges, reckoned another way than billing does: one day at a time."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import NamedTuple

from tallystick.billing.facts import Facts
from tallystick.records import ContractLine

from .schedule_strategies import INDEX

MONTHS = {"month": 1, "quarter": 3, "year": 12}
EARLIEST, LATEST = date(2019, 1, 1), date(2031, 1, 1)


class Paid(NamedTuple):
    """Days charged alike: which share of a cycle they cost, at which price and quantity."""

    days: list[date]
    share: Fraction
    unit_price: Fraction
    quantity: Fraction


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


@cache
def wholes(unit: str, every: int, anchor: date, on: int) -> list[list[date]]:
    found: list[list[date]] = [[]]
    for day in (EARLIEST + timedelta(days=n) for n in range((LATEST - EARLIEST).days)):
        if begins(unit, every, anchor, on, day):
            found.append([])
        found[-1].append(day)
    return found[1:-1]


def within(day: date, spans: object) -> bool:
    assert isinstance(spans, list)
    return any(one["since"] <= day < one.get("until", date.max) for one in spans)


def weight_360(day: date) -> int:
    tomorrow = day + timedelta(days=1)
    return 30 - (day.day - 1) if tomorrow.day == 1 else 1


def paid(
    of: Facts,
    line: ContractLine,
    until: date,
    places: int,
    in_force: Callable[[Facts, ContractLine, date], bool],
) -> Iterator[Paid]:
    terms = line.terms
    start = max(of.contract.starts_on, line.starts_on or date.min)
    anchors = {"calendar": date(2001, 1, 1), "contract": of.contract.starts_on, "line": start}
    anchor = anchors[terms.get("align", "calendar")]
    on = terms.get("anchor_day") or anchor.day
    price = dated_prices(terms, start, places)

    def cost(day: date) -> tuple[Fraction, Fraction] | None:
        if within(day, of.contract.terms.get("pauses", [])) or within(day, terms["pauses"]):
            return None
        if within(day, terms["free"]) or (day - start).days < terms["trial_days"]:
            return None
        return price(day)

    for whole in wholes(terms["cycle"], terms.get("every", 1), anchor, on):
        part = [day for day in whole if in_force(of, line, day)]
        costs = {day: cost(day) for day in part}
        charged = [day for day in part if costs[day] is not None]
        if not charged:
            continue
        due_on = charged[0] if terms["timing"] == "advance" else part[-1]
        if due_on >= until:
            continue
        if terms["proration"] in ("none", "full"):
            all_of_it = terms["proration"] == "full" or charged == whole
            first = costs[charged[0]]
            assert first is not None
            yield Paid(part, Fraction(all_of_it), *first)
            continue
        weight = weight_360 if terms["proration"] == "thirty_day_month" else lambda _: 1
        for figures, alike in groupby(part, costs.__getitem__):
            days = list(alike)
            if figures is not None:
                full = Fraction(sum(map(weight, whole)) or 1)
                share = Fraction(1) if days == whole else sum(map(weight, days)) / full
                yield Paid(days, share, *figures)


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
