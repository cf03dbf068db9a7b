"""Allocation: a contract's revenue and direct cost shared out to the work done under it.

    psa:C1 in 2026-09 earned 100.00, 3 h went to ticket 7 and 1 h to ticket 8
    driver hours    ticket 7  75.00    ticket 8  25.00

Each month of a contract is shared out by itself, by largest remainder, so every table sums back
to the cells and the months of a longer one sum to it. What no work was done for stays in a row of
its own, `not allocated`. Which driver is right is a choice, so it stands beside the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import NOT_ALLOCATED, Figures, Ledger
from tallystick.money import Money, split

DRIVERS: Mapping[Driver, str] = {
    "hours": "revenue and direct cost go to work by its hours, month by month",
    "cost": "revenue and direct cost go to work by its effort cost, month by month",
}


class CellKey(NamedTuple):
    """One contract of one client in one month and currency."""

    contract: str
    client: str
    month: date
    currency: str


class Worked(NamedTuple):
    """What one `part` (a ticket, a technician ...) of a cell took: effort, and direct cost that
    names the part itself."""

    cell: CellKey
    part: str
    figures: Figures


def allocate(cells: Mapping[CellKey, Figures], worked: Iterable[Worked], driver: Driver) -> Ledger:
    """The figures of every part over all cells; their sum is the sum of the cells."""
    parts: dict[CellKey, dict[str, Figures]] = {}
    for one in worked:
        own = parts.setdefault(one.cell, {})
        before = own.get(one.part)
        own[one.part] = before.plus(one.figures) if before else one.figures
    ledger = Ledger()
    for key, whole in cells.items():
        own = parts.get(key, {})
        for part, figures in _shared(whole, own, key.currency, driver).items():
            ledger.add(part, key.currency, figures)
    return ledger


def _shared(
    whole: Figures, own: Mapping[str, Figures], currency: str, driver: Driver
) -> dict[str, Figures]:
    """What the parts of one cell come to, `own` with its share of what names no part."""
    named_minor = sum(one.direct_minor for one in own.values())
    direct_minor = whole.direct_minor - named_minor
    left = Figures(
        revenue_minor=whole.revenue_minor,
        direct_minor=direct_minor,
        unexchanged_costs=whole.unexchanged_costs
        - sum(one.unexchanged_costs for one in own.values()),
    )
    names = sorted(own)
    weights = [max(_weight(own[name], driver), 0) for name in names]
    if not any(weights):
        return {**own, NOT_ALLOCATED: left} if any(left) else dict(own)
    found = {}
    revenue = _split(whole.revenue_minor, currency, weights)
    direct = _split(direct_minor, currency, weights)
    for name, earned, spent in zip(names, revenue, direct, strict=True):
        before, named, *effort = own[name]
        found[name] = Figures(before + earned, named + spent, *effort)
    if left.unexchanged_costs:
        found[NOT_ALLOCATED] = Figures(unexchanged_costs=left.unexchanged_costs)
    return found


def _split(minor: int, currency: str, weights: Sequence[int]) -> Sequence[int]:
    """Most cells have no direct cost, and many one part."""
    if not minor or len(weights) == 1:
        return [minor] * len(weights)
    return [part.minor for part in split(Money(minor, currency), weights)]


def _weight(one: Figures, driver: Driver) -> int:
    return one.seconds if driver == "hours" else one.labour_minor + one.overhead_minor
