"""Fixed fee: a price per cycle, whatever the work; the work it takes is covered by it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.schedule import RecurringTerms, bill_slice, slices, unit_of


class FixedTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Decimal = Decimal(1)


def price(line: LineFacts) -> Iterator[Priced]:
    unit = unit_of(line.terms)
    for one in slices(line):
        yield from bill_slice(
            line,
            one,
            quantity=one.quantity,
            unit=unit,
            amount=one.share * Fraction(one.unit_price * one.quantity),
            reason=(f"{one.quantity} x {one.unit_price} per {unit}",),
            account="Income:Fixed",
        )


MODEL = ChargeModel("fixed", FixedTerms, "covered", price)
