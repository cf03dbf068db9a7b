"""Prepaid hours: a package of hours bought per cycle, drawn down by work, overage at a rate.

Bookings draw in the order of (work date, reference), whatever order they were entered in,
from the package that expires first:

    Jul package |====== 10 h ======|~~~ rolls over 1 ~~~|  expires
    Aug package                    |====== 10 h ========|~~~
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from msgspec import Meta

from tallystick.billing.charges import (
    ChargeModel,
    Earning,
    LineFacts,
    LineTerms,
    Placement,
    Priced,
)
from tallystick.billing.coverage import CALENDAR
from tallystick.billing.facts import Piece, ends
from tallystick.billing.models.time_and_materials import bill
from tallystick.billing.rates import RateCard, clock
from tallystick.billing.schedule import in_advance
from tallystick.money import Money
from tallystick.period import Cycle, Period, Unit, month


class PrepaidHoursTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`hours` for `unit_price` per `cycle`; what is left lives `rollover_periods` longer."""

    hours: Decimal
    unit_price: Decimal
    cycle: Unit = "month"
    rollover_periods: Annotated[int, Meta(ge=0, le=120)] = 0
    rate_card: str
    work_types: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if self.hours <= 0 or self.unit_price < 0:
            raise ValueError("hours must be more than 0 and unit_price at least 0")


@dataclass(slots=True)
class Package:
    """One purchase of hours; `left_s` shrinks as it is drawn, `drawn_s` is by month."""

    basis: str
    valid: Period
    seconds: int
    left_s: int
    drawn_s: dict[Period, int] = field(default_factory=lambda: defaultdict(int))


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PrepaidHoursTerms = line.terms
    packages = []
    for service, whole in in_advance(line, terms.cycle):
        package = _package(line, whole, terms)
        packages.append(package)
        yield line.charge(
            basis=package.basis,
            service=service,
            group=line.line.description,
            quantity=Decimal(1),
            unit="package",
            unit_price=terms.unit_price,
            amount=terms.unit_price,
            reason=(f"{terms.hours} h for use until {package.valid.last_day}",),
            account="Liabilities:Deferred",
            deferred=True,
        )
    for piece in line.works:
        yield from _draw(line, piece, packages, line.book.cards.get(terms.rate_card), terms)
    for package in packages:
        yield from _earn(line, package, Money.rounded(terms.unit_price, line.currency))


def _package(line: LineFacts, whole: Period, terms: PrepaidHoursTerms) -> Package:
    cycle = Cycle(terms.cycle, 1, CALENDAR)
    rolled = cycle.boundary(cycle.index_of(whole.start) + 1 + terms.rollover_periods)
    expires = min(rolled, ends(line.line, line.facts.contract))
    seconds = int(terms.hours * 3600)
    return Package(f"prepaid:{whole.start}", Period(whole.start, expires), seconds, seconds)


def _draw(
    line: LineFacts,
    piece: Piece,
    packages: list[Package],
    card: RateCard | None,
    terms: PrepaidHoursTerms,
) -> Iterator[Priced]:
    """The booking's counted time from the packages valid that day, the rest as overage."""
    work, trail = piece.work, piece.trail
    counted = card.counted(piece.seconds) if card else piece.seconds
    open_s = counted
    used: list[str] = []
    for package in packages:
        taken = min(open_s, package.left_s)
        if taken and package.valid.covers(work.work_date):
            package.left_s -= taken
            package.drawn_s[month(work.work_date.year, work.work_date.month)] += taken
            open_s -= taken
            used.append(f"{clock(taken)} from the package of {package.valid.start}")
    drawn = counted - open_s
    worked_drawn = min(piece.seconds, drawn) if open_s else piece.seconds
    rounding = card.rounding(piece.seconds) if card else f"{clock(piece.seconds)} worked"
    if drawn or not counted:
        reason = (*trail, rounding, *used)
        yield Placement(work.ref, "drawn", line.line.id, worked_drawn, drawn, reason)
    if open_s:
        over = (*trail, rounding, *used, f"{clock(open_s)} beyond the prepaid hours")
        rest = piece.part(worked_drawn, piece.seconds - worked_drawn)
        yield from bill(line, rest, open_s, card, over, terms.rate_card)


def _earn(line: LineFacts, package: Package, price: Money) -> Iterator[Earning]:
    """Revenue by month of use, and the unused rest in the month the package expires.

    Each month earns price x (drawn so far / hours), rounded, less what earlier months earned,
    so the months of a used-up or expired package sum to its price exactly.
    """
    earned = Money.zero(price.currency)
    so_far = 0
    for used_in in sorted(package.drawn_s):
        so_far += package.drawn_s[used_in]
        value = Money.rounded(Fraction(price.amount) * so_far / package.seconds, price.currency)
        if value != earned:
            yield _earning(line, package, used_in, value - earned, f"{clock(so_far)} drawn so far")
        earned = value
    if package.valid.end <= line.span.end and price - earned:
        last = package.valid.last_day
        rest = f"{clock(package.left_s)} expired unused"
        yield _earning(line, package, month(last.year, last.month), price - earned, rest)


def _earning(
    line: LineFacts, package: Package, in_month: Period, amount: Money, reason: str
) -> Earning:
    return Earning(
        contract=line.facts.contract.id,
        line=line.line.id,
        basis=package.basis,
        month=in_month,
        amount=amount,
        account="Income:Prepaid",
        reason=reason,
    )


MODEL = ChargeModel("prepaid_hours", PrepaidHoursTerms, "drawn", price)
