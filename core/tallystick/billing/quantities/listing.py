"""Listing: the things behind a count, each with its part of it."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from tallystick.billing.facts import Facts
from tallystick.billing.quantities.counting import Census, How, Of, Rule, things_of
from tallystick.period import Period


class Listed(NamedTuple):
    """`quantity` of a thing in the count, and the days of the period on which it counts."""

    name: str
    kind: str
    quantity: Fraction
    days: Period


def listed(
    facts: Facts, of: Of, rule: Rule, products: tuple[str, ...], how: How, part: Period
) -> list[Listed]:
    """What the count over `part` is made of, by name: the quantities sum to it exactly.

    Where one day speaks for all, it is what counts on that day; otherwise each thing weighs by its
    days. The name of a licence is its product.
    """
    things = list(things_of(facts, of, rule, products))
    found: list[Listed] = []
    day = None
    if how == "period_end":
        day = part.last_day
    elif how == "peak":
        day = max(Census(things).runs(part), key=lambda run: run.units).days.start
    for one in things:
        days = Period(one.since, one.until).overlap(part) if one.since < one.until else None
        if days is None or (day is not None and not days.covers(day)):
            continue
        share = Fraction(1) if day is not None else Fraction(days.days, part.days)
        name, kind = (one.kind, "") if of == "licences" else (one.name, one.kind)
        found.append(Listed(name, kind, one.quantity * share, days))
    return sorted(found)
