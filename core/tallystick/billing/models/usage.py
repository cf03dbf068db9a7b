"""Usage: what meters measured in a cycle, at a price per unit, by tiers, or at cost plus markup.

    readings   3   5   -1   2     sum 9: a negative one corrects an earlier one
                   5              max
                            2     last

Each meter is reckoned by itself, and what they come to is added up. Usage is known only
afterwards, so it is billed in arrears, and nothing of it is prorated: what was used was used.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tallystick.billing.charges import ChargeModel, LineFacts, Priced, plausible
from tallystick.billing.quantities.counting import among, charged, charged_in_words
from tallystick.billing.quantities.tiers import price_of, shown
from tallystick.billing.schedule.slices import (
    RecurringTerms,
    ScheduledTerms,
    Slice,
    bill_slice,
    slices,
    unit_of,
)
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick.records import Usage

BESIDE_COST = (
    *("unit_price", "tiers", "steps", "uplift"),
    *("minimum_quantity", "included_quantity"),
)


class UsageTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`meters` at a price, or at what they cost and `markup_percent` of it."""

    meters: tuple[str, ...]
    unit: str = "unit"
    aggregate: Literal["sum", "max", "last"] = "sum"
    minimum_quantity: Decimal = Decimal(0)
    included_quantity: Decimal = Decimal(0)
    markup_percent: Decimal | None = None

    def __post_init__(self) -> None:
        if self.markup_percent is None:
            RecurringTerms.__post_init__(self)
        else:
            ScheduledTerms.__post_init__(self)
            self._check_cost()
        if not self.meters:
            raise ValueError("meters names none: name them, or * for any")
        if self.timing != "arrears":
            raise ValueError("usage is known only afterwards: timing must be arrears")
        if self.proration != "actual_days":
            raise ValueError("usage is not prorated: leave proration out")
        if self.minimum_quantity < 0 or self.included_quantity < 0:
            raise ValueError("minimum_quantity and included_quantity must be at least 0")

    def _check_cost(self) -> None:
        for name in BESIDE_COST:
            if getattr(self, name):
                raise ValueError(f"markup_percent and {name} exclude each other: give one of them")
        if self.aggregate != "sum":
            raise ValueError(f"the {self.aggregate} of usage has no cost: aggregate must be sum")
        if self.markup_percent is not None and self.markup_percent < 0:
            raise ValueError(f"markup_percent {self.markup_percent} must be at least 0")


def price(line: LineFacts) -> Iterator[Priced]:
    terms: UsageTerms = line.terms
    readings = sorted(
        (one for one in line.facts.usages if among(terms.meters, one.meter)),
        key=lambda one: (one.used_on, one.id),
    )
    days = [one.used_on for one in readings]
    for one in slices(line, prorated=False):
        found = readings[bisect_left(days, one.part.start) : bisect_left(days, one.part.end)]
        used = found if one.share else []
        bill = _at_a_price if terms.markup_percent is None else _at_cost
        yield from bill(line, one, used)


def _at_a_price(line: LineFacts, one: Slice, used: Sequence[Usage]) -> Iterator[Priced]:
    terms: UsageTerms = line.terms
    by_meter: dict[str, list[Fraction]] = {}
    for reading in used:
        by_meter.setdefault(reading.meter, []).append(_figure(reading, reading.quantity))
    reckoned = {meter: _reckon(terms, found) for meter, found in by_meter.items()}
    measured = sum(reckoned.values(), Fraction(0))
    quantity = charged(measured, terms.minimum_quantity, terms.included_quantity)
    priced = price_of(quantity, one.unit_price, terms.tiers)
    yield from bill_slice(
        line,
        one,
        kind="usage",
        quantity=shown(quantity),
        unit=terms.unit,
        unit_price=priced.unit_price(quantity),
        amount=priced.amount if one.share else Fraction(0),
        reason=(
            *(
                f"{meter}: {shown(units)}, the {terms.aggregate} of {_records(by_meter[meter])}"
                for meter, units in sorted(reckoned.items())
            ),
            *charged_in_words(measured, terms.minimum_quantity, terms.included_quantity),
            *priced.reason,
        ),
        account="Income:Usage",
    )


def _reckon(terms: UsageTerms, found: Sequence[Fraction]) -> Fraction:
    """One meter's readings of a cycle, in the order they were taken."""
    if terms.aggregate == "sum":
        return sum(found, Fraction(0))
    return max(found) if terms.aggregate == "max" else found[-1]


def _at_cost(line: LineFacts, one: Slice, used: Sequence[Usage]) -> Iterator[Priced]:
    terms: UsageTerms = line.terms
    cost = sum((_cost(line, reading) for reading in used), Fraction(0))
    markup = terms.markup_percent or Decimal(0)
    amount = Money.rounded(cost * (100 + Fraction(markup)) / 100, line.currency)
    yield from bill_slice(
        line,
        one,
        kind="usage",
        quantity=Decimal(1),
        unit=unit_of(terms),
        unit_price=amount.amount,
        amount=amount.amount,
        reason=(f"cost of {_records(used)}: {shown(cost)} + {markup} %",),
        account="Income:Usage",
    )


def _cost(line: LineFacts, reading: Usage) -> Fraction:
    """What the MSP paid for it; raises `SkipRecord` where that cannot be billed on."""
    if reading.cost is None:
        raise _unusable(reading, "has no cost, and is billed at cost plus markup")
    if reading.currency != line.currency:
        given = reading.currency or "no currency"
        raise _unusable(reading, f"has a cost in {given}, and the contract is in {line.currency}")
    return _figure(reading, reading.cost)


def _figure(reading: Usage, figure: Decimal) -> Fraction:
    if not plausible(figure):
        raise _unusable(reading, f"says {figure}, which is not a plausible figure")
    return Fraction(figure)


def _unusable(reading: Usage, why: str) -> SkipRecord:
    return SkipRecord(
        f"Usage of {reading.meter} on {reading.used_on} {why}.",
        do="Correct it at its source or its mapping.",
        record="usage",
        ref=reading.id,
    )


def _records(found: Sequence[object]) -> str:
    return f"{len(found)} record{'' if len(found) == 1 else 's'}"


MODEL = ChargeModel("usage", UsageTerms, "covered", price)
