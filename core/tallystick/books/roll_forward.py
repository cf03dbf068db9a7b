"""Roll-forward of deferred revenue: how what was billed ahead moved over a period.

    opening + billed - credited - recognised = closing

`billed` is what invoices put into deferred revenue, `credited` what credit notes and corrections
took out of it again, `recognised` what became revenue, less what was taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tallystick.money import Money

Kind = Literal["opening", "billed", "credited", "recognised"]
KINDS: tuple[Kind, ...] = ("opening", "billed", "credited", "recognised")


@dataclass(frozen=True, slots=True)
class Moved:
    """A posting to deferred revenue: `credit` is positive where more was deferred."""

    contract: str
    kind: Kind
    credit: Money


@dataclass(frozen=True, slots=True)
class RollForward:
    """One contract in one currency, or all of them where `contract` is empty."""

    contract: str
    opening: Money
    billed: Money
    credited: Money
    recognised: Money

    @property
    def closing(self) -> Money:
        return self.opening + self.billed - self.credited - self.recognised


def roll_forward(moves: Iterable[Moved]) -> list[RollForward]:
    """A row per contract and currency where anything was or is, by currency and contract."""
    sums: dict[tuple[str, str], dict[Kind, Money]] = {}
    for one in moves:
        currency = one.credit.currency
        own = sums.setdefault((currency, one.contract), dict.fromkeys(KINDS, Money(0, currency)))
        taken_out = one.kind in ("credited", "recognised")
        own[one.kind] += -one.credit if taken_out else one.credit
    rows = [RollForward(contract, **own) for (_, contract), own in sorted(sums.items())]
    return [row for row in rows if any((row.opening, row.billed, row.credited, row.recognised))]


def totals(rows: Iterable[RollForward]) -> list[RollForward]:
    """One row per currency that sums the others."""
    sums: dict[str, RollForward] = {}
    for row in rows:
        zero = Money.zero(row.opening.currency)
        before = sums.get(zero.currency, RollForward("", zero, zero, zero, zero))
        sums[zero.currency] = RollForward(
            "",
            before.opening + row.opening,
            before.billed + row.billed,
            before.credited + row.credited,
            before.recognised + row.recognised,
        )
    return [sums[currency] for currency in sorted(sums)]
