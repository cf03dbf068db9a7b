"""Discount: a percentage of each charge of other lines, or an amount off what they charge.

A percentage goes with the charge it discounts: the same service, account, tax category and
pattern of earning, due together, or on the discount's first day if that is later. An amount is
taken off once per cycle, when the cycle is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from tallystick.billing.charges import Charge, ChargeModel, Earning, LineFacts, Priced
from tallystick.billing.facts import ends
from tallystick.billing.over.cycles import OverCyclesTerms, bill_cycle, falls_due, summed
from tallystick.billing.schedule.slices import unit_of
from tallystick.money import Money
from tallystick.period import Period


class DiscountTerms(OverCyclesTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`percent`, or `amount` per cycle in major units of the contract's currency."""

    percent: Decimal | None = None
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        OverCyclesTerms.__post_init__(self)
        if (self.percent is None) == (self.amount is None):
            raise ValueError("it needs either percent or amount")
        if self.percent is not None and not 0 < self.percent <= 100:
            raise ValueError(f"percent {self.percent} must be above 0 and at most 100")
        if self.amount is not None and self.amount <= 0:
            raise ValueError(f"amount {self.amount} must be above 0: it is taken off")


def price(line: LineFacts) -> Iterator[Priced]:
    terms: DiscountTerms = line.terms
    if terms.percent is not None:
        yield from _percent_off(line, terms.percent)
    if terms.amount is not None:
        yield from _amount_off(line, terms.amount)


def _amount_off(line: LineFacts, per_cycle: Decimal) -> Iterator[Priced]:
    """Never more than the other lines come to in the cycle, so that it never becomes a credit."""
    unit = unit_of(line.terms)
    for one in summed(line):
        agreed = Money.rounded(one.prorate(per_cycle), line.currency)
        off = min(agreed, max(one.total, Money.zero(line.currency)))
        if off:
            yield from bill_cycle(
                line,
                one,
                kind="discount",
                group=line.line.description,
                amount=-off,
                unit=unit,
                reason=(f"{per_cycle} off per {unit}, at most the {one.total} charged",),
                account="Income:Discount",
            )


def _percent_off(line: LineFacts, percent: Decimal) -> Iterator[Priced]:
    earned: dict[tuple[str, str], list[Earning]] = defaultdict(list)
    for earning in line.others_earned:
        earned[earning.line, earning.basis].append(earning)
    in_force = Period(line.span.start, ends(line.line, line.facts.contract))
    for target in line.others:
        if target.amount and in_force.covers(target.service.start):
            off = _off(line, target, percent)
            yield off
            if target.deferred:
                yield from _earned_alike(off, target, earned[target.line, target.basis])


def _off(line: LineFacts, target: Charge, percent: Decimal) -> Charge:
    amount = target.amount.amount
    off = line.charge(
        basis=f"discount:{target.line}:{target.basis}",
        service=target.service,
        group=line.line.description,
        quantity=amount,
        unit=line.currency,
        unit_price=-percent / 100,
        amount=-amount * percent / 100,
        reason=(f"{percent} % off {target.group}: {target.amount}",),
        account=target.account,
        deferred=target.deferred,
        due_on=max(falls_due(target), line.span.start),
    )
    return replace(off, tax_category=target.tax_category)


def _earned_alike(off: Charge, target: Charge, earnings: list[Earning]) -> Iterator[Earning]:
    """What the discount lessens of each month's revenue, in the proportion the charge is earned.

    Rounded so that what is earned by any month is exact to the minor unit, and all of the charge
    makes all of the discount.
    """
    so_far = 0
    before = Money.zero(off.amount.currency)
    for one in sorted(earnings, key=lambda earning: earning.month):
        so_far += one.amount.minor
        share = Fraction(so_far, target.amount.minor)
        value = Money.rounded(Fraction(off.amount.amount) * share, off.amount.currency)
        if value != before:
            amount = value - before
            yield replace(one, line=off.line, basis=off.basis, amount=amount)
        before = value


MODEL = ChargeModel("discount", DiscountTerms, "over_lines", price)
