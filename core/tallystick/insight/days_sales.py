"""Days sales outstanding: how many days of billing are waiting to be paid.

    what is receivable now / what was billed in the last 90 days x 90

Both gross, less credit notes, in one currency. It is the plain form of the ratio; it rises when
clients pay later, and also when billing falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tallystick.money import Money

WINDOW_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class DaysSales:
    """`days` to one decimal, half away from zero; None where nothing was billed."""

    receivable: Money
    billed: Money
    window_days: int = WINDOW_DAYS

    @property
    def days(self) -> Decimal | None:
        if self.billed.minor <= 0:
            return None
        exact = Decimal(self.receivable.minor) * self.window_days / self.billed.minor
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
