"""Percentage: a share of what other lines charge per cycle, within a minimum and a maximum."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.over.cycles import OverCyclesTerms, bill_cycle, summed
from tallystick.billing.schedule.slices import unit_of
from tallystick.money import Money

HIGHEST_PERCENT = 1000


class PercentageTerms(OverCyclesTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minimum` and `maximum` in major units of the contract's currency, per cycle."""

    percent: Decimal
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        OverCyclesTerms.__post_init__(self)
        if not 0 < self.percent <= HIGHEST_PERCENT:
            raise ValueError(f"percent {self.percent} must be above 0, at most {HIGHEST_PERCENT}")
        least, most = self.minimum, self.maximum
        if least is not None and most is not None and least > most:
            raise ValueError(f"minimum {least} is above maximum {most}")


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PercentageTerms = line.terms
    for one in summed(line):
        due = Fraction(one.total.amount) * Fraction(terms.percent) / 100
        said = f"{terms.percent} % of {one.total}"
        bound = None
        if terms.minimum is not None and due < one.prorate(terms.minimum):
            due, bound = one.prorate(terms.minimum), f"at least {terms.minimum}"
        elif terms.maximum is not None and due > one.prorate(terms.maximum):
            due, bound = one.prorate(terms.maximum), f"at most {terms.maximum}"
        unit = unit_of(line.terms)
        yield from bill_cycle(
            line,
            one,
            kind="percentage",
            group=line.line.description,
            amount=Money.rounded(due, line.currency),
            quantity=Decimal(1) if bound else one.total.amount,
            unit=unit if bound else line.currency,
            unit_price=None if bound else terms.percent / 100,
            reason=(said, f"{bound} per {unit}") if bound else (said,),
            account="Income:Percentage",
        )


MODEL = ChargeModel("percentage", PercentageTerms, "over_lines", price)
