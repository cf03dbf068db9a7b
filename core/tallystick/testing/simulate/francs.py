"""Francs that arrive as euro: what a bank or a provider makes of them, at a rate of its own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from tallystick.money import Money
from tallystick.testing.simulate.chance import Chance

EURO: Final = "EUR"
FRANC: Final = "CHF"
TABLE: Final = Fraction("0.945")
"""Euro for a franc by the MSP's own table, which no bank keeps to."""
BANK_TAKES: Final = Money(300, EURO)
"""For a payment from abroad."""


def in_euro(amount: Money, chance: Chance) -> Money:
    """What arrives of `amount`, before charges."""
    if amount.currency == EURO:
        return amount
    rate = Fraction(chance.between(9250, 9650), 10000)
    return Money.rounded(Fraction(amount.amount) * rate, EURO)


def told_as(amount: Money) -> dict[str, Any]:
    """What an account tells of what its payer paid, where that is not its own currency."""
    if amount.currency == EURO:
        return {}
    return {"paid_amount": amount.amount, "paid_currency": amount.currency}
