"""The schedule of a line that recurs: its cycles, when they are due, and at which price.

    cycle     |------ July ------|------ August ----|
    in force         |##############################|
    price     100.00 --------------------|120.00 ---
    slices           |== 17/31 ==|= 14/31|== 17/31 =|     cut where the price changes
    arrears                      due                due   once the cycle is over
    advance          due         due                      once the cycle has begun

`slices` says which days are charged at which price; a charge model says how many of what, and
`bill_slice` makes the charge of it, with the months that earn what is billed in advance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from msgspec import Meta

from tallystick.billing.charges import Charge, Earning, LineFacts, LineTerms, Priced
from tallystick.billing.facts import ends, first_day
from tallystick.billing.months import by_month
from tallystick.billing.quantities.tiers import Tiers, one_price
from tallystick.billing.schedule.pauses import Span, check_spans
from tallystick.billing.schedule.proration import Convention, in_words, titled
from tallystick.billing.schedule.runs import charged, idle_days, runs
from tallystick.billing.schedule.steps import Price, Step, check_steps, prices
from tallystick.billing.schedule.uplift import Uplift
from tallystick.period import CALENDAR, Cycle, Period, Unit, month
from tallystick.records import Contract, ContractLine

DEFERRED = "Liabilities:Deferred"


class CycleTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cycle of a line: how long it is and where it begins."""

    cycle: Unit = "month"
    every: Annotated[int, Meta(ge=1, le=120)] = 1
    align: Literal["calendar", "contract", "line"] = "calendar"
    anchor_day: Annotated[int, Meta(ge=1, le=31)] | None = None

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if self.anchor_day is not None and self.cycle in ("day", "week"):
            raise ValueError(f"anchor_day is a day of the month, and the cycle is the {self.cycle}")


class ScheduledTerms(CycleTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a line is billed and which days are charged, whatever its price is made of."""

    timing: Literal["arrears", "advance"] = "arrears"
    proration: Convention = "actual_days"
    trial_days: Annotated[int, Meta(ge=0, le=3660)] = 0
    free: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        CycleTerms.__post_init__(self)
        check_spans("free", self.free)
        check_spans("pauses", self.pauses)

    def check(self, line: ContractLine, contract: Contract) -> None:
        start = first_day(line, contract)
        paid_from = start + timedelta(days=self.trial_days)
        for one in self.free:
            if self.trial_days and one.since < paid_from:
                raise ValueError(f"free from {one.since} begins within the trial until {paid_from}")
        for name, spans in (("free", self.free), ("pauses", self.pauses)):
            for one in spans:
                if one.until <= start:
                    raise ValueError(f"{name} until {one.until} is over before {start}, its start")


class RecurringTerms(ScheduledTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per cycle, in major units of the contract's currency: one per unit, which may
    change, or tiers."""

    unit_price: Decimal | None = None
    tiers: Tiers | None = None
    steps: tuple[Step, ...] = ()
    uplift: Uplift | None = None

    def __post_init__(self) -> None:
        ScheduledTerms.__post_init__(self)
        one_price(self.unit_price, self.tiers)
        check_steps(self.steps)
        if self.tiers is not None and self.uplift is not None:
            raise ValueError("uplift raises a unit_price, and the line has tiers")
        for step in self.steps:
            if step.unit_price is not None and self.tiers is not None:
                raise ValueError(f"the step of {step.since} sets a unit_price beside tiers")

    def check(self, line: ContractLine, contract: Contract) -> None:
        ScheduledTerms.check(self, line, contract)
        start = first_day(line, contract)
        for step in self.steps[:1]:
            if step.since < start:
                raise ValueError(f"the step of {step.since} is before {start}, its first day")


@dataclass(frozen=True, slots=True)
class Slice:
    """The days `part` of the cycle `whole`, charged at one price.

    `share` is what of the cycle's price they cost, 0 where they are free or paused; `unit_price`
    is the price of a whole cycle in major units (0 where they are free, and for terms without
    one). `key` names the slice in the basis of its charge: the cycle's first day, for the slices
    after a cycle's first their own, so that a start moved within the cycle corrects the same
    basis. All slices of a cycle are due once `due_on` is over.
    """

    part: Period
    whole: Period
    share: Fraction
    unit_price: Decimal
    quantity: Decimal
    key: date
    reason: tuple[str, ...]
    due_on: date


def slices(line: LineFacts, *, prorated: bool = True) -> Iterator[Slice]:
    """Every slice of the line due by its horizon, in order; not `prorated`, a slice that is
    charged costs all of the price, however many days it has.

    Raises `SkipRecord` when an index value its price rises with is missing.
    """
    terms: ScheduledTerms = line.terms
    begun = list(cycles(line))
    if terms.timing == "arrears":
        begun = [(part, whole) for part, whole in begun if part.end <= line.span.end]
    if not begun:
        return
    priced = _prices(line, begun[-1][0].end)
    idle = idle_days(line.span.start, terms.trial_days, terms.free, terms.pauses, line.facts)
    for part, whole in begun:
        found = runs(part, priced, idle)
        due_on = part.last_day
        if terms.timing == "advance":
            due_on = next((run.part.start for run in found if not run.idle), part.start)
            if due_on >= line.span.end:
                continue
        key = whole.start
        for days, by_days, run in charged(found, part, whole, terms.proration):
            prorating = in_words(days, whole, by_days, terms.proration) if prorated else ""
            why = run.idle or prorating
            yield Slice(
                part=days,
                whole=whole,
                share=by_days if prorated else Fraction(0 if run.idle else 1),
                unit_price=Decimal(0) if run.idle else run.price.unit_price,
                quantity=run.price.quantity,
                key=key,
                reason=tuple(filter(None, (run.price.reason, why))),
                due_on=due_on,
            )
            key = days.end


def _prices(line: LineFacts, until: date) -> list[Price]:
    terms = line.terms
    quantity: Decimal = getattr(terms, "quantity", Decimal(1))
    if not isinstance(terms, RecurringTerms):
        return [Price(line.span.start, Decimal(0), quantity)]
    first = Price(line.span.start, terms.unit_price or Decimal(0), quantity)
    return prices(first, terms.steps, terms.uplift, until, line.currency, line.book.indices)


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
        group=titled(line.line.description, one.part, one.whole, one.share, terms.proration),
        quantity=quantity,
        unit=unit,
        unit_price=one.unit_price if unit_price is None else unit_price,
        amount=amount,
        reason=(*reason, *one.reason),
        account=DEFERRED if advance else account,
        deferred=advance,
        due_on=one.due_on,
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
    """What a price is for: `month`, or `3 months`."""
    return terms.cycle if terms.every == 1 else f"{terms.every} {terms.cycle}s"


def cycles(line: LineFacts) -> Iterator[tuple[Period, Period]]:
    """`(part, whole)` of every cycle begun before the horizon: `part` are the days of it on which
    the line is in force, also those after the horizon."""
    last = ends(line.line, line.facts.contract)
    for whole in cycle_of(line).within(line.span):
        yield Period(max(whole.start, line.span.start), min(whole.end, last)), whole


def cycle_of(line: LineFacts) -> Cycle:
    """The line's cycle: by the calendar, or from the first day of the contract or the line."""
    terms: CycleTerms = line.terms
    if terms.align == "calendar":
        anchor = CALENDAR
    elif terms.align == "contract":
        anchor = line.facts.contract.starts_on
    else:
        anchor = line.span.start
    return Cycle(terms.cycle, terms.every, anchor, terms.anchor_day)
