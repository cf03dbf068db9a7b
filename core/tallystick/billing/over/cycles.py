"""What other lines charge in each cycle of a line that stands on them.

    cycle         |------- July -------|------ August ------|
    fee, arrears  |=== its last day ===*                         July's
    fee, advance                       *=== its first day ==|    August's
    hours              *    *                *                   each on its day

A charge belongs to the cycle in which it falls due: where it does not say on which day, on the
first of its service if it is billed in advance, and on the last one otherwise. What falls due
outside the line's days in force belongs to none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from tallystick.billing.charges import Charge, LineFacts
from tallystick.billing.over.lines import OverLinesTerms
from tallystick.billing.schedule.proration import Convention, in_words, share
from tallystick.billing.schedule.slices import cycles
from tallystick.money import Money, split, total
from tallystick.period import Period, Unit


class OverCyclesTerms(OverLinesTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cycles in which the other lines' charges are summed; always due when one is over."""

    cycle: Unit = "month"
    every: Annotated[int, Meta(ge=1, le=120)] = 1
    align: Literal["calendar", "contract", "line"] = "calendar"
    anchor_day: Annotated[int, Meta(ge=1, le=31)] | None = None
    proration: Convention = "actual_days"

    def __post_init__(self) -> None:
        OverLinesTerms.__post_init__(self)
        if self.anchor_day is not None and self.cycle in ("day", "week"):
            raise ValueError(f"anchor_day is a day of the month, and the cycle is the {self.cycle}")


@dataclass(frozen=True, slots=True)
class Summed:
    """The days `part` of the cycle that starts on `key`, which cost `share` of an amount per
    cycle, and the charges that fall due on them."""

    part: Period
    key: date
    share: Fraction
    charges: tuple[Charge, ...]
    total: Money
    prorated: tuple[str, ...]

    def prorate(self, per_cycle: Decimal) -> Fraction:
        """`per_cycle`, in major units, for this part of the cycle."""
        return Fraction(per_cycle) * self.share


def summed(line: LineFacts) -> Iterator[Summed]:
    """Every cycle of the line that is over by its horizon, in order."""
    terms: OverCyclesTerms = line.terms
    others = sorted(line.others, key=falls_due)
    days = [falls_due(one) for one in others]
    for part, whole in cycles(line):
        if part.end <= line.span.end:
            first, last = bisect_left(days, part.start), bisect_left(days, part.end)
            charges = tuple(others[first:last])
            prorated = share(part, whole, terms.proration)
            why = in_words(part, whole, prorated, terms.proration)
            yield Summed(
                part=part,
                key=whole.start,
                share=prorated,
                charges=charges,
                total=total((one.amount for one in charges), line.currency),
                prorated=(why,) if why else (),
            )


def falls_due(charge: Charge) -> date:
    """The day whose cycle the charge belongs to."""
    if charge.due_on is not None:
        return charge.due_on
    return charge.service.start if charge.deferred else charge.service.last_day


def bill_cycle(
    line: LineFacts,
    one: Summed,
    *,
    kind: str,
    group: str,
    amount: Money,
    quantity: Decimal = Decimal(1),
    unit: str,
    unit_price: Decimal | None = None,
    reason: tuple[str, ...],
    account: str,
) -> Iterator[Charge]:
    """`amount` for the cycle, over the tax categories of the charges it stands on.

    A line with a tax category of its own keeps it. Otherwise each category bears its share of
    the charges that are positive, by largest remainder; without such charges the client's does.
    """
    shared = _by_category(line, one, amount)
    alone = len(shared) == 1
    for category, part in shared:
        charge = line.charge(
            basis=f"{kind}:{one.key}" + (f":{category}" if category and not _own(line) else ""),
            service=one.part,
            group=group,
            quantity=quantity if alone else Decimal(1),
            unit=unit,
            unit_price=unit_price if alone and unit_price is not None else part.amount,
            amount=part,
            reason=(*reason, *one.prorated),
            account=account,
        )
        yield replace(charge, tax_category=category)


def _own(line: LineFacts) -> str | None:
    terms: OverCyclesTerms = line.terms
    return terms.tax_category


def _by_category(line: LineFacts, one: Summed, amount: Money) -> list[tuple[str | None, Money]]:
    if _own(line):
        return [(_own(line), amount)]
    sums: dict[str | None, int] = {}
    for charge in one.charges:
        sums[charge.tax_category] = sums.get(charge.tax_category, 0) + charge.amount.minor
    bearing = sorted(
        ((category, minor) for category, minor in sums.items() if minor > 0),
        key=lambda pair: pair[0] or "",
    )
    if not bearing:
        return [(None, amount)]
    parts = split(amount, [minor for _, minor in bearing])
    return [(name, part) for (name, _), part in zip(bearing, parts, strict=True) if part]
