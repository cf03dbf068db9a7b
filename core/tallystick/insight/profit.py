"""Profit per contract or client: recognised revenue less what the effort cost.

    margin                 = revenue - effort cost
    margin percent         = margin / revenue
    effective hourly rate  = revenue / hours worked

Direct cost (licences, parts) is not known yet and is not taken off. A figure that would
need a cost rate or an exchange rate nobody gave is left out: a margin is only told when
every hour of the row has a cost, and the row says how many have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tallystick.money import Money, total

UNROUTED = "no contract"


@dataclass(frozen=True, slots=True)
class Effort:
    """One booking's time and cost; `cost` is None without a cost or exchange rate."""

    seconds: int
    cost: Money | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProfitRow:
    """One contract or client in one currency. Money in that currency, percent to one place."""

    ref: str
    name: str
    revenue: Money
    seconds: int
    effort_cost: Money
    margin: Money | None
    margin_percent: Decimal | None
    effective_hourly_rate: Money | None
    notes: tuple[str, ...]


@dataclass(slots=True)
class Cell:
    """What belongs to one row before it is computed."""

    name: str
    currency: str
    revenue: list[Money] = field(default_factory=list)
    efforts: list[Effort] = field(default_factory=list)


def rows(cells: Mapping[tuple[str, str], Cell]) -> list[ProfitRow]:
    """A row per (ref, currency), the worst margin first."""
    computed = [_row(ref, cell) for (ref, _), cell in cells.items()]
    return sorted(computed, key=_worst_first)


def _worst_first(row: ProfitRow) -> tuple[str, int, str]:
    margin = row.revenue if row.margin is None else row.margin
    return (margin.currency, margin.minor, row.ref)


def _row(ref: str, cell: Cell) -> ProfitRow:
    revenue = total(cell.revenue, cell.currency)
    known = [effort.cost for effort in cell.efforts if effort.cost is not None]
    cost = total(known, cell.currency)
    seconds = sum(effort.seconds for effort in cell.efforts)
    complete = all(effort.cost is not None for effort in cell.efforts)
    margin = revenue - cost if complete else None
    return ProfitRow(
        ref=ref,
        name=cell.name,
        revenue=revenue,
        seconds=seconds,
        effort_cost=cost,
        margin=margin,
        margin_percent=percent(margin, revenue) if margin is not None else None,
        effective_hourly_rate=per_hour(revenue, seconds),
        notes=_notes(cell.efforts),
    )


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
    return Money.rounded(Fraction(amount.amount) * 3600 / seconds, amount.currency)


def _notes(efforts: Sequence[Effort]) -> tuple[str, ...]:
    """How much time each problem leaves without a cost."""
    seconds: dict[str, int] = {}
    for effort in efforts:
        if effort.problem:
            seconds[effort.problem] = seconds.get(effort.problem, 0) + effort.seconds
    return tuple(f"{s / 3600:.1f} h {problem}" for problem, s in sorted(seconds.items()))


def totals(computed: Iterable[ProfitRow]) -> list[ProfitRow]:
    """One row per currency that sums the others exactly; its margin is left out where one of
    theirs is."""
    cells: dict[tuple[str, str], Cell] = {}
    for row in computed:
        currency = row.revenue.currency
        cell = cells.setdefault(("total", currency), Cell("Total", currency))
        cell.revenue.append(row.revenue)
        cell.efforts.append(Effort(row.seconds, row.effort_cost))
        if row.margin is None:
            cell.efforts.append(Effort(0, None))
    return rows(cells)
