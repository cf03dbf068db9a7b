"""Fixed fee: a price per cycle, whatever the work; the work it takes is covered by it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.proration import in_words, share, titled
from tallystick.billing.recurring import RecurringTerms, in_arrears


class FixedTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Decimal = Decimal(1)


def price(line: LineFacts) -> Iterator[Priced]:
    terms: FixedTerms = line.terms
    for part, whole in in_arrears(line, terms.cycle):
        prorated = in_words(part, whole, terms.proration)
        yield line.charge(
            basis=f"fee:{whole.start}",
            service=part,
            group=titled(line.line.description, part, whole, terms.proration),
            quantity=terms.quantity,
            unit=terms.cycle,
            unit_price=terms.unit_price,
            amount=share(part, whole, terms.proration)
            * Fraction(terms.unit_price * terms.quantity),
            reason=(
                f"{terms.quantity} x {terms.unit_price} per {terms.cycle}",
                *filter(None, [prorated]),
            ),
            account="Income:Fixed",
        )


MODEL = ChargeModel("fixed", FixedTerms, "covered", price)
