"""Exchange: amounts in another currency by a dated table; documents stay in their own.

Profit compares currencies by it, and what a payment brought is held against what its invoice was
worth on the day it was issued.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tallystick.money import Money


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """From `valid_from` on, one unit of `source` is worth `rate` units of `target`."""

    source: str
    target: str
    rate: Decimal
    valid_from: date = date.min


def convert(amount: Money, target: str, on: date, table: Sequence[ExchangeRate]) -> Money | None:
    """`amount` in `target` at the rate of the day, either way round, rounded half away from
    zero to the minor unit; None when the table has no rate."""
    if amount.currency == target:
        return amount
    best: tuple[date, Fraction] | None = None
    for one in table:
        pair = (one.source, one.target)
        if one.valid_from > on or (best is not None and best[0] >= one.valid_from):
            continue
        if pair == (amount.currency, target):
            best = (one.valid_from, Fraction(one.rate))
        elif pair == (target, amount.currency):
            best = (one.valid_from, 1 / Fraction(one.rate))
    return Money.rounded(Fraction(amount.amount) * best[1], target) if best else None


def realised(
    worth: Money, settled: Money, issued_on: date, table: Sequence[ExchangeRate]
) -> Money | None:
    """What was gained (lost where it is negative) as `settled` of an invoice brought `worth`,
    against the rate of the day it was issued; None when the table has none for that day."""
    carried = convert(settled, worth.currency, issued_on, table)
    if carried is None:
        return None if settled else worth
    return worth - carried
