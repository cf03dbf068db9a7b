"""When an invoice is debited, and how much has to be open for it.

issued 1 Oct, due 15 Oct     on = "due", days = 0       15 Oct
                             on = "due", days = -2      13 Oct
                             on = "issue", days = 3     4 Oct, a Sunday: 5 Oct
                             ..., notice_days = 14      15 Oct
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from tallystick.billing.windows import Window
from tallystick.cash.policy.days import ALL_DAYS, Shift, shifted
from tallystick.money import Money

On = Literal["due", "issue", "never"]


@dataclass(frozen=True, slots=True)
class Timing:
    """`days` after the day named by `on`, before it where negative; moved to a working day of
    `working`. `minimum` by currency, in major units: less than that waits for more. `notice_days`
    lie at least between an invoice, which announces its debit, and that."""

    on: On = "due"
    days: int = 0
    working: Window = ALL_DAYS
    shift: Shift = "none"
    minimum: Mapping[str, Decimal] = field(default_factory=dict)
    notice_days: int = 0


def debit_day(issued_on: date, due_on: date, timing: Timing) -> date | None:
    """The day an invoice is debited, never before it was issued and its notice is over; None
    where it never is."""
    if timing.on == "never":
        return None
    day = (due_on if timing.on == "due" else issued_on) + timedelta(days=timing.days)
    earliest = issued_on + timedelta(days=timing.notice_days)
    day = shifted(max(day, earliest), timing.working, timing.shift)
    return day if day >= earliest else shifted(earliest, timing.working, "after")


def too_little(open_amounts: Mapping[str, Money], timing: Timing) -> set[str]:
    """The invoices, of one client and currency, that wait for more because all that is open
    together stays below the minimum."""
    found: set[str] = set()
    sums: dict[str, Money] = {}
    for amount in open_amounts.values():
        sums[amount.currency] = sums.get(amount.currency, Money.zero(amount.currency)) + amount
    for number, amount in open_amounts.items():
        least = timing.minimum.get(amount.currency)
        if least is not None and sums[amount.currency].amount < least:
            found.add(number)
    return found
