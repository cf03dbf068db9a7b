"""Fixed fee: a price per cycle, whatever the work; the work it takes is covered by it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.quantities.tiers import price_of
from tallystick.billing.schedule.slices import RecurringTerms, bill_slice, slices, unit_of


class FixedTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Decimal = Decimal(1)


def price(line: LineFacts) -> Iterator[Priced]:
    terms: FixedTerms = line.terms
    unit = unit_of(terms)
    for one in slices(line):
        quantity = Fraction(one.quantity)
        priced = price_of(quantity, one.unit_price, terms.tiers)
        yield from bill_slice(
            line,
            one,
            quantity=one.quantity,
            unit=unit,
            unit_price=priced.unit_price(quantity),
            amount=one.share * priced.amount,
            reason=tuple(f"{why} per {unit}" for why in priced.reason),
            account="Income:Fixed",
        )


MODEL = ChargeModel("fixed", FixedTerms, "covered", price)
