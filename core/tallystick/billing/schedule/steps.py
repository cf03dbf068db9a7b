"""Steps: the price and quantity of a line in the order of the days they change.

unit_price 100.00 |-------| 120.00 |---------| 126.00
quantity        5 |-----------------| 8 |-------------
                start     step        step    uplift
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from tallystick.billing.charges import plausible
from tallystick.billing.schedule.uplift import Uplift, Uplifting


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `since` on another price, another quantity, or both."""

    since: date
    unit_price: Decimal | None = None
    quantity: Decimal | None = None

    def __post_init__(self) -> None:
        figures = [one for one in (self.unit_price, self.quantity) if one is not None]
        if not figures:
            raise ValueError(f"the step of {self.since} changes neither unit_price nor quantity")
        for figure in figures:
            if not plausible(figure):
                raise ValueError(f"{figure} in the step of {self.since} is not a plausible figure")


def check_steps(steps: Sequence[Step]) -> None:
    """Raises `ValueError` for steps that are out of order or on one day."""
    for one, following in pairwise(steps):
        if following.since == one.since:
            raise ValueError(f"there are two steps on {one.since}; make them one")
        if following.since < one.since:
            raise ValueError(f"the step of {following.since} comes after that of {one.since}")


@dataclass(frozen=True, slots=True)
class Price:
    """What a cycle costs from `since` on, until the next price; `reason` is empty for the first."""

    since: date
    unit_price: Decimal
    quantity: Decimal
    reason: str = ""


def prices(
    first: Price,
    steps: Sequence[Step],
    uplift: Uplift | None,
    until: date,
    currency: str,
    indices: Mapping[str, Mapping[date, Decimal]],
) -> list[Price]:
    """Every price before `until`, oldest first, beginning with `first` on the line's first day.

    A step sets the price also on the day of an uplift. `first` is what the price is on its day:
    uplifts until then are in it. Raises `SkipRecord` when an index value is missing.
    """
    found = [first]
    stepped = {step.since: step for step in steps if step.since < until}
    uplifted = {day for day in uplift.days(until) if day > first.since} if uplift else set()
    raising = Uplifting(uplift, currency, indices) if uplift else None
    for day in sorted(stepped.keys() | uplifted):
        last = found[-1]
        unit_price, quantity, reason = last.unit_price, last.quantity, last.reason
        if raising and day in uplifted:
            unit_price, reason = raising.raised(unit_price, day)
        if day in stepped:
            step = stepped[day]
            unit_price = unit_price if step.unit_price is None else step.unit_price
            quantity = quantity if step.quantity is None else step.quantity
            reason = f"{quantity} x {unit_price} from {day}"
        found.append(Price(max(day, first.since), unit_price, quantity, reason))
    return found
