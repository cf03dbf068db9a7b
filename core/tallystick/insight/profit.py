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
from typing import NamedTuple

from msgspec import Struct

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
        return Figures(*(a + b for a, b in zip(self, other, strict=True)))

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


class ProfitRow(Struct, frozen=True, gc=False):
    """One row in one currency. Money in that currency, percent to one place. `unpaid_seconds` is
    work nobody is to be billed for, whatever covers it."""

    ref: str
    name: str
    revenue: Money
    seconds: int
    unpaid_seconds: int
    labour: Money
    overhead: Money
    effort_cost: Money
    direct_cost: Money
    margin: Money | None
    margin_percent: Decimal | None
    effective_hourly_rate: Money | None
    notes: tuple[str, ...]


class Ledger:
    """Figures gathered by row."""

    def __init__(self) -> None:
        self.sums: dict[RowKey, Figures] = {}

    def add(self, ref: str, currency: str, figures: Figures) -> None:
        key = RowKey(ref, currency)
        before = self.sums.get(key)
        self.sums[key] = before.plus(figures) if before else figures


def rows(sums: Sums, names: Mapping[str, str]) -> list[ProfitRow]:
    """A row per key, the worst margin first."""
    ordered = sorted(sums.items(), key=_worst_first)
    return [_row(key, figures, names.get(key.ref, key.ref)) for key, figures in ordered]


def _worst_first(one: tuple[RowKey, Figures]) -> tuple[str, int, str]:
    (ref, currency), of = one
    return (currency, of.margin_minor if of.complete else of.revenue_minor, ref)


def _row(key: RowKey, of: Figures, name: str) -> ProfitRow:
    ref, currency = key
    revenue = Money(of.revenue_minor, currency)
    margin = Money(of.margin_minor, currency) if of.complete else None
    return ProfitRow(
        ref=ref,
        name=name,
        revenue=revenue,
        seconds=of.seconds,
        unpaid_seconds=of.unpaid_seconds,
        labour=Money(of.labour_minor, currency),
        overhead=Money(of.overhead_minor, currency),
        effort_cost=Money(of.labour_minor + of.overhead_minor, currency),
        direct_cost=Money(of.direct_minor, currency),
        margin=margin,
        margin_percent=percent(margin, revenue) if margin is not None else None,
        effective_hourly_rate=per_hour(revenue, of.seconds),
        notes=notes(of.uncosted_seconds, of.unexchanged_seconds, of.unexchanged_costs),
    )


def totals(sums: Sums) -> list[ProfitRow]:
    """One row per currency that sums the others exactly; its margin is left out where one of
    theirs is."""
    parts: dict[RowKey, list[Figures]] = {}
    for key, figures in sums.items():
        parts.setdefault(RowKey("total", key.currency), []).append(figures)
    return rows({key: together(own) for key, own in parts.items()}, {"total": "Total"})


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
