"""Profit: recognised revenue less what effort and direct cost came to.

    effort cost            = labour + overhead
    margin                 = revenue - effort cost - direct cost
    margin percent         = margin / revenue
    effective hourly rate  = revenue / hours worked

A figure that would need a cost rate or an exchange rate nobody gave is left out: a margin is
only told when all of the row's cost is known, and the row says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from operator import add
from typing import NamedTuple

from tallystick.insight.quality import notes
from tallystick.money import Money

UNROUTED = "no contract"
NOT_ALLOCATED = "not allocated"


class Figures(NamedTuple):
    """What is summed, in minor units of one currency and in seconds."""

    revenue_minor: int = 0
    direct_minor: int = 0
    labour_minor: int = 0
    overhead_minor: int = 0
    bookings: int = 0
    seconds: int = 0
    uncosted_seconds: int = 0
    unexchanged_seconds: int = 0
    unpaid_seconds: int = 0
    unapproved_seconds: int = 0
    unexchanged_costs: int = 0

    def plus(self, other: Figures) -> Figures:
        return Figures._make(map(add, self, other))

    @property
    def margin_minor(self) -> int:
        """What is left of revenue, of use where the figures are complete."""
        return self.revenue_minor - self.labour_minor - self.overhead_minor - self.direct_minor

    @property
    def complete(self) -> bool:
        """Whether all of the cost is known."""
        return not (self.uncosted_seconds or self.unexchanged_seconds or self.unexchanged_costs)


class RowKey(NamedTuple):
    """What a row is about: a reference (or why there is none) and a currency."""

    ref: str
    currency: str


Sums = Mapping[RowKey, Figures]


class ProfitRow(NamedTuple):
    """One row in one currency; what its figures say is worked out where it is looked at, since of
    many rows few are. Money in that currency, percent to one place."""

    ref: str
    currency: str
    name: str
    of: Figures

    @property
    def key(self) -> RowKey:
        return RowKey(self.ref, self.currency)

    @property
    def seconds(self) -> int:
        return self.of.seconds

    @property
    def unpaid_seconds(self) -> int:
        """Work nobody is to be billed for, whatever covers it."""
        return self.of.unpaid_seconds

    @property
    def revenue(self) -> Money:
        return Money(self.of.revenue_minor, self.currency)

    @property
    def labour(self) -> Money:
        return Money(self.of.labour_minor, self.currency)

    @property
    def overhead(self) -> Money:
        return Money(self.of.overhead_minor, self.currency)

    @property
    def effort_cost(self) -> Money:
        return Money(self.of.labour_minor + self.of.overhead_minor, self.currency)

    @property
    def direct_cost(self) -> Money:
        return Money(self.of.direct_minor, self.currency)

    @property
    def margin(self) -> Money | None:
        return Money(self.of.margin_minor, self.currency) if self.of.complete else None

    @property
    def margin_percent(self) -> Decimal | None:
        margin = self.margin
        return None if margin is None else percent(margin, self.revenue)

    @property
    def effective_hourly_rate(self) -> Money | None:
        return per_hour(self.revenue, self.of.seconds)

    @property
    def notes(self) -> tuple[str, ...]:
        of = self.of
        return notes(of.uncosted_seconds, of.unexchanged_seconds, of.unexchanged_costs)

    def told(self) -> dict[str, object]:
        """All it says, by name."""
        return {name: getattr(self, name) for name in TOLD}


TOLD = (
    *("ref", "name", "revenue", "seconds", "unpaid_seconds", "labour", "overhead", "effort_cost"),
    *("direct_cost", "margin", "margin_percent", "effective_hourly_rate", "notes"),
)


class Ledger:
    """Figures gathered by row."""

    def __init__(self) -> None:
        self.sums: dict[RowKey, Figures] = {}

    def add(self, ref: str, currency: str, figures: Figures) -> None:
        key = RowKey(ref, currency)
        before = self.sums.get(key)
        self.sums[key] = figures if before is None else before.plus(figures)


def rows(ordered: Iterable[tuple[RowKey, Figures]], names: Mapping[str, str]) -> list[ProfitRow]:
    """A row each; what has no name is called by its ref."""
    return [
        ProfitRow(ref, currency, names.get(ref, ref), figures)
        for (ref, currency), figures in ordered
    ]


def worst_first(sums: Sums) -> list[tuple[RowKey, Figures]]:
    """By currency, then by margin; where that is not known, by revenue."""
    return sorted(sums.items(), key=_worst_first)


def in_order(sums: Sums) -> list[tuple[RowKey, Figures]]:
    """By currency, then by what they are called."""
    return sorted(sums.items(), key=lambda one: (one[0].currency, one[0].ref))


def _worst_first(one: tuple[RowKey, Figures]) -> tuple[str, int, str]:
    (ref, currency), of = one
    revenue, direct, labour, overhead, _, _, uncosted, unexchanged, _, _, costs = of
    unknown = uncosted or unexchanged or costs
    return (currency, revenue if unknown else revenue - labour - overhead - direct, ref)


def totals(sums: Sums) -> dict[str, Figures]:
    """By currency, the exact sum of the rows."""
    parts: dict[str, list[Figures]] = {}
    for (_, currency), figures in sums.items():
        own = parts.get(currency)
        if own is None:
            parts[currency] = [figures]
        else:
            own.append(figures)
    return {currency: together(own) for currency, own in parts.items()}


def total_rows(whole: Mapping[str, Figures]) -> list[ProfitRow]:
    """One row per currency; its margin is left out where one of theirs is."""
    sums = {RowKey("total", currency): figures for currency, figures in whole.items()}
    return rows(worst_first(sums), {"total": "Total"})


def percent(part: Money, whole: Money) -> Decimal | None:
    """`part` of `whole` in percent to one place, None of nothing."""
    if not whole:
        return None
    share = Decimal(part.minor) * 100 / Decimal(whole.minor)
    return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def per_hour(amount: Money, seconds: int) -> Money | None:
    """`amount` per hour, rounded to the minor unit, None for no time."""
    if not seconds:
        return None
    return amount.part(3600 if seconds > 0 else -3600, abs(seconds))


def together(parts: Iterable[Figures]) -> Figures:
    """The sum of `parts`."""
    return Figures(*map(sum, zip(*parts, strict=True)))
