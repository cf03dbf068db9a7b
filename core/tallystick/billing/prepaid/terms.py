"""What a prepaid line agrees: what is bought when, how work draws it, and what lies beyond."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from tallystick.billing.charges import plausible
from tallystick.billing.schedule.slices import CycleTerms

BalanceUnit = Literal["hours", "money", "tokens"]
Overage = Literal["rate", "bands", "refuse", "pass"]
Count = Annotated[int, Meta(ge=1, le=1200)]


class TopUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further package of `quantity` for `unit_price` when less than `below` is left."""

    below: Decimal
    quantity: Decimal
    unit_price: Decimal

    def __post_init__(self) -> None:
        _check_package("top_up ", self.quantity, self.unit_price)
        if not plausible(self.below) or self.below < 0:
            raise ValueError(f"top_up below {self.below} must be 0 or more")
        if self.below > self.quantity:
            raise ValueError("a top_up must reach its mark: quantity must be at least below")


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of an hour up to and with `up_to` hours of a cycle, open-ended without it."""

    up_to: Decimal | None = None
    unit_price: Decimal

    def __post_init__(self) -> None:
        if not plausible(self.unit_price) or self.unit_price < 0:
            raise ValueError(f"the unit_price {self.unit_price} of a band must be 0 or more")


class Expiry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a package can be used from the day it is bought."""

    months: Count | None = None
    days: Annotated[int, Meta(ge=1, le=36_525)] | None = None

    def __post_init__(self) -> None:
        if (self.months is None) == (self.days is None):
            raise ValueError("expires_after is either months or days")


class PrepaidTerms(CycleTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Packages of `quantity` hours, major units of money or tokens, for `unit_price` each.

    Where they are `shared`, work of the client's other contracts that none of their lines takes
    draws on them too (`tallystick.billing.routing`).
    """

    unit: BalanceUnit = "hours"
    quantity: Decimal
    unit_price: Decimal
    bought: Literal["every_cycle", "once"] = "every_cycle"
    rollover_periods: Annotated[int, Meta(ge=0, le=120)] = 0
    expires_after: Expiry | None = None
    rate_card: str | None = None
    weights: dict[str, Decimal] = field(default_factory=dict)
    drawn_per: Literal["hour", "booking"] = "hour"
    overage: Overage = "rate"
    bands: tuple[Band, ...] = ()
    top_up: TopUp | None = None
    shared: bool = False
    work_types: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        CycleTerms.__post_init__(self)
        _check_package("", self.quantity, self.unit_price)
        _check_expiry(self)
        _check_weights(self)
        _check_overage(self)

    def weight(self, work_type: str | None) -> Decimal:
        """What an hour, or a booking, of `work_type` draws; 1 where nothing is said."""
        return self.weights.get(work_type or "", self.weights.get("*", Decimal(1)))


def _check_package(whose: str, quantity: Decimal, unit_price: Decimal) -> None:
    for name, value in (("quantity", quantity), ("unit_price", unit_price)):
        if not plausible(value):
            raise ValueError(f"{whose}{name} {value} is not a plausible figure")
    if quantity <= 0 or unit_price < 0:
        raise ValueError(f"{whose}quantity must be more than 0 and unit_price at least 0")


def _check_expiry(terms: PrepaidTerms) -> None:
    if terms.rollover_periods and terms.bought == "once":
        raise ValueError("what is bought once has no next period to roll over to: expires_after")
    if terms.rollover_periods and terms.expires_after is not None:
        raise ValueError("rollover_periods and expires_after contradict each other: give one")
    if terms.every * (terms.rollover_periods + 1) > 1200:
        raise ValueError("every and rollover_periods reach too far: at most 1200 cycles")


def _check_weights(terms: PrepaidTerms) -> None:
    for work_type, weight in terms.weights.items():
        if not plausible(weight) or weight <= 0:
            raise ValueError(f"the weight {weight} of {work_type} must be more than 0")
    if terms.weights and terms.unit == "money":
        raise ValueError("money is drawn at the rate card: give its rates, not weights")
    if terms.drawn_per == "booking" and terms.unit != "tokens":
        raise ValueError("only tokens are drawn per booking")


def _check_overage(terms: PrepaidTerms) -> None:
    if terms.rate_card is None and (terms.unit == "money" or terms.overage == "rate"):
        raise ValueError("rate_card is missing: money is drawn, and overage billed, at its rates")
    if bool(terms.bands) != (terms.overage == "bands"):
        raise ValueError('bands and overage = "bands" go together')
    if not terms.bands:
        return
    if terms.bands[-1].up_to is not None:
        raise ValueError("the last of the bands must be open-ended: leave its up_to out")
    below = Decimal(0)
    for band in terms.bands[:-1]:
        if band.up_to is None or not plausible(band.up_to) or band.up_to <= below:
            raise ValueError(f"each of the bands but the last needs an up_to above {below}")
        below = band.up_to
