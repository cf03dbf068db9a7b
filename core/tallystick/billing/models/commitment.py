"""Commitment: other lines come to at least a minimum and at most a cap per cycle.

charged    |#####         |            |##############|###
agreed     |          min |            |          cap |
this line  |     +++++    |            |              |---
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.over.cycles import OverCyclesTerms, bill_cycle, summed
from tallystick.billing.schedule.slices import unit_of
from tallystick.money import Money


class CommitmentTerms(OverCyclesTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minimum` and `cap` in major units of the contract's currency, per cycle."""

    minimum: Decimal | None = None
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        OverCyclesTerms.__post_init__(self)
        if self.minimum is None and self.cap is None:
            raise ValueError("it needs a minimum, a cap or both")
        if self.minimum is not None and self.cap is not None and self.minimum > self.cap:
            raise ValueError(f"minimum {self.minimum} is above cap {self.cap}")
        if any(one is not None and one < 0 for one in (self.minimum, self.cap)):
            raise ValueError("minimum and cap cannot be negative")


def price(line: LineFacts) -> Iterator[Priced]:
    terms: CommitmentTerms = line.terms
    unit = unit_of(line.terms)
    for one in summed(line):
        charged = Fraction(one.total.amount)
        if terms.minimum is not None and charged < one.prorate(terms.minimum):
            agreed, what, said = one.prorate(terms.minimum), "up to the minimum", terms.minimum
        elif terms.cap is not None and charged > one.prorate(terms.cap):
            agreed, what, said = one.prorate(terms.cap), "down to the cap", terms.cap
        else:
            continue
        yield from bill_cycle(
            line,
            one,
            kind="commitment",
            group=f"{line.line.description}: {what}",
            amount=Money.rounded(agreed - charged, line.currency),
            unit=unit,
            reason=(f"{one.total} charged, {what} of {said} per {unit}",),
            account="Income:Commitment",
        )


MODEL = ChargeModel("commitment", CommitmentTerms, "over_lines", price)
