"""Caps: how much may be collected without a second person, per invoice, run and day.

max_run = 1,000     400 + 500 fit, 300 more does not and waits; 100 after it still fits
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from tallystick.money import Money


@dataclass(frozen=True, slots=True)
class Caps:
    """By currency, in major units. A currency without an entry has no cap."""

    invoice: Mapping[str, Decimal] = field(default_factory=dict)
    run: Mapping[str, Decimal] = field(default_factory=dict)
    day: Mapping[str, Decimal] = field(default_factory=dict)


class Asked(NamedTuple):
    """What would be collected of an invoice; `released` for that much by a second person."""

    invoice: str
    amount: Money
    released: bool


@dataclass(slots=True)
class Meter:
    """What one run has taken so far. `before_today` is what earlier runs of the day asked for, by
    currency. What a person released goes out, and counts towards run and day like the rest."""

    caps: Caps
    before_today: Mapping[str, Money]
    run: dict[str, Money] = field(default_factory=dict)

    def take(self, one: Asked) -> str:
        """Count it in, or say why it waits for a person."""
        currency = one.amount.currency
        in_run = self.run.get(currency, Money.zero(currency)) + one.amount
        in_day = in_run + self.before_today.get(currency, Money.zero(currency))
        why = "" if one.released else _above(one.amount, in_run, in_day, self.caps)
        if not why:
            self.run[currency] = in_run
        return why


def stricter(before: Caps, after: Caps) -> Caps:
    """The lower of two caps for everything that has one."""
    pairs = ((before.invoice, after.invoice), (before.run, after.run), (before.day, after.day))
    return Caps(*(_lower(one, other) for one, other in pairs))


def _lower(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {
        currency: min(cap for cap in (one.get(currency), other.get(currency)) if cap is not None)
        for currency in sorted({*one, *other})
    }


def _above(amount: Money, in_run: Money, in_day: Money, caps: Caps) -> str:
    checks: Sequence[tuple[Money, Mapping[str, Decimal], str]] = (
        (amount, caps.invoice, "{} is above the cap of {} for an invoice"),
        (in_run, caps.run, "with it the run would collect {}, above the cap of {}"),
        (in_day, caps.day, "with it the day would collect {}, above the cap of {}"),
    )
    for money, cap, said in checks:
        limit = cap.get(amount.currency)
        if limit is not None and money.amount > limit:
            return said.format(money, Money.exact(limit, amount.currency))
    return ""
