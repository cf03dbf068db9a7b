"""The schedule of a line that recurs: its cycles, when they are due, and at which price.

    cycle     |------ July ------|----- August -----|
    in force         |###################|
    slices           |== 17/31 ==|= 14 =|== 9 ====|     cut where the price changes
    arrears                      due    due       due   once the slice is over
    advance         due         due                     once the cycle has begun

`slices` says which days are charged at which price; a charge model says how many of what, and
`bill_slice` makes the charge of it, with the months that earn what is billed in advance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from msgspec import Meta

from tallystick.billing.charges import Charge, Earning, LineFacts, LineTerms, Priced
from tallystick.billing.coverage import CALENDAR
from tallystick.billing.facts import ends
from tallystick.billing.months import by_month
from tallystick.billing.proration import Convention, in_words, share, titled
from tallystick.billing.tiers import Tiers, one_price
from tallystick.period import Cycle, Period, Unit, month

DEFERRED = "Liabilities:Deferred"


class ScheduledTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a line is billed, whatever its price is made of."""

    cycle: Unit = "month"
    every: Annotated[int, Meta(ge=1, le=120)] = 1
    align: Literal["calendar", "contract", "line"] = "calendar"
    anchor_day: Annotated[int, Meta(ge=1, le=31)] | None = None
    timing: Literal["arrears", "advance"] = "arrears"
    proration: Convention = "actual_days"

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if self.anchor_day is not None and self.cycle in ("day", "week"):
            raise ValueError(f"anchor_day is a day of the month, and the cycle is the {self.cycle}")


class RecurringTerms(ScheduledTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per cycle, in major units of the contract's currency: one per unit, or tiers."""

    unit_price: Decimal | None = None
    tiers: Tiers | None = None

    def __post_init__(self) -> None:
        ScheduledTerms.__post_init__(self)
        one_price(self.unit_price, self.tiers)


@dataclass(frozen=True, slots=True)
class Slice:
    """The days `part` of the cycle `whole`, charged at one price.

    `share` is what of the cycle's price they cost, 0 where they are free or paused; `unit_price`
    is the price of a whole cycle in major units (0 for terms without one). `key` names the slice
    in the basis of its charge: the cycle's first day, for the slices after a cycle's first their
    own, so that a start moved within the cycle corrects the same basis.
    """

    part: Period
    whole: Period
    share: Fraction
    unit_price: Decimal
    quantity: Decimal
    key: date
    reason: tuple[str, ...]


def slices(line: LineFacts, *, prorated: bool = True) -> Iterator[Slice]:
    """Every slice of the line due by its horizon, in order; not `prorated`, a slice costs all of
    the price, however many days it has."""
    terms: ScheduledTerms = line.terms
    for part, whole in cycles(line):
        if terms.timing == "advance" or part.end <= line.span.end:
            why = in_words(part, whole, terms.proration) if prorated else ""
            yield Slice(
                part=part,
                whole=whole,
                share=share(part, whole, terms.proration) if prorated else Fraction(1),
                unit_price=getattr(terms, "unit_price", None) or Decimal(0),
                quantity=getattr(terms, "quantity", Decimal(1)),
                key=whole.start,
                reason=(why,) if why else (),
            )


def bill_slice(
    line: LineFacts,
    one: Slice,
    *,
    kind: str = "fee",
    quantity: Decimal,
    unit: str,
    amount: Decimal | Fraction,
    reason: tuple[str, ...],
    account: str,
    unit_price: Decimal | None = None,
) -> Iterator[Priced]:
    """The charge of a slice, `amount` in major units; in advance it is deferred, with the
    earnings that make it revenue of `account` day by day over the slice. `unit_price` is printed
    in place of the slice's own."""
    terms: ScheduledTerms = line.terms
    advance = terms.timing == "advance"
    charge = line.charge(
        basis=f"{kind}:{one.key}",
        service=one.part,
        group=titled(line.line.description, one.share),
        quantity=quantity,
        unit=unit,
        unit_price=one.unit_price if unit_price is None else unit_price,
        amount=amount,
        reason=(*reason, *one.reason),
        account=DEFERRED if advance else account,
        deferred=advance,
    )
    yield charge
    if advance:
        yield from _earned_by_day(charge, account)


def _earned_by_day(charge: Charge, account: str) -> Iterator[Earning]:
    for part, amount in by_month(charge.amount, charge.service):
        if amount:
            yield Earning(
                contract=charge.contract,
                line=charge.line,
                basis=charge.basis,
                month=month(part.start.year, part.start.month),
                amount=amount,
                account=account,
                reason=f"{part.days} of {charge.service.days} days",
            )


def unit_of(terms: ScheduledTerms) -> str:
    """What a price is for: `month`, or `3 weeks`."""
    return terms.cycle if terms.every == 1 else f"{terms.every} {terms.cycle}s"


def cycles(line: LineFacts) -> Iterator[tuple[Period, Period]]:
    """`(part, whole)` of every cycle begun before the horizon: `part` are the days of it on which
    the line is in force, also those after the horizon."""
    terms: ScheduledTerms = line.terms
    return _within(line, _cycle(line, terms))


def in_advance(line: LineFacts, unit: Unit) -> Iterator[tuple[Period, Period]]:
    """As `cycles`, of the calendar's `unit`s."""
    return _within(line, Cycle(unit, 1, CALENDAR))


def _within(line: LineFacts, cycle: Cycle) -> Iterator[tuple[Period, Period]]:
    last = ends(line.line, line.facts.contract)
    for whole in cycle.within(line.span):
        yield Period(max(whole.start, line.span.start), min(whole.end, last)), whole


def _cycle(line: LineFacts, terms: ScheduledTerms) -> Cycle:
    """The line's cycle: by the calendar, or from the first day of the contract or the line."""
    if terms.align == "calendar":
        anchor = CALENDAR
    elif terms.align == "contract":
        anchor = line.facts.contract.starts_on
    else:
        anchor = line.span.start
    return Cycle(terms.cycle, terms.every, anchor, terms.anchor_day)
