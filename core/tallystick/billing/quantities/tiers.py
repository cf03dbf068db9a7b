"""Tiers: prices that depend on how many units there are.

    12 units        |==== up to 5 ====|==== up to 10 ====|== over 10 ==>
    graduated        5 x first         5 x second         2 x third
    volume                                               12 x third
    stairstep                                             the fee of the third
    package of 5     3 started packages

A quantity of exactly `up_to` lies in that step. No units reach no step and cost nothing. Less
than no units (usage corrected below zero) cost the negative of what as many units cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, Protocol, TypeVar

from msgspec import Struct

from tallystick.billing.charges import plausible


class Tiered(NamedTuple):
    """An amount in major units, exact and not yet rounded, and what each tier made of it.

    `each` is the price of one unit where every unit has the same.
    """

    amount: Fraction
    reason: tuple[str, ...]
    each: Decimal | None = None

    def unit_price(self, quantity: Fraction) -> Decimal:
        """What one of `quantity` units comes to, as it is printed."""
        if self.each is not None:
            return self.each
        return shown(self.amount / quantity) if quantity else Decimal(0)


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per unit up to and with `up_to` units in all, and a fee once any unit is in it."""

    up_to: Decimal | None = None
    unit_price: Decimal
    flat_fee: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        _check("unit_price", self.unit_price)
        _check("flat_fee", self.flat_fee)


class Stair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fee for any quantity up to and with `up_to`."""

    up_to: Decimal | None = None
    flat_fee: Decimal

    def __post_init__(self) -> None:
        _check("flat_fee", self.flat_fee)


class Graduated(Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="graduated"):
    """Every unit at the price of the step it lies in."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        _check_steps(self.steps)

    def of(self, units: Fraction) -> Iterator[tuple[Fraction, str]]:
        for above, step in zip(_bounds(self.steps), self.steps, strict=True):
            if units <= above:
                return
            inside = (units if step.up_to is None else min(units, Fraction(step.up_to))) - above
            fee = f" + {step.flat_fee}" if step.flat_fee else ""
            yield (
                inside * Fraction(step.unit_price) + Fraction(step.flat_fee),
                f"{_span(above, step)}: {shown(inside)} x {step.unit_price}{fee}",
            )


class Volume(Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="volume"):
    """Every unit at the price of the step that the last of them lies in."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        _check_steps(self.steps)

    def of(self, units: Fraction) -> Iterator[tuple[Fraction, str]]:
        above, step = _reached(self.steps, units)
        fee = f" + {step.flat_fee}" if step.flat_fee else ""
        yield (
            units * Fraction(step.unit_price) + Fraction(step.flat_fee),
            f"{_span(above, step)}: all {shown(units)} x {step.unit_price}{fee}",
        )


class Stairstep(Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="stairstep"):
    """The fee of the step that the last unit lies in, however many units there are."""

    steps: tuple[Stair, ...]

    def __post_init__(self) -> None:
        _check_steps(self.steps)

    def of(self, units: Fraction) -> Iterator[tuple[Fraction, str]]:
        above, step = _reached(self.steps, units)
        yield Fraction(step.flat_fee), f"{_span(above, step)}: {step.flat_fee} for {shown(units)}"


class Package(Struct, frozen=True, forbid_unknown_fields=True, tag_field="mode", tag="package"):
    """A price for every started package of `package_size` units."""

    package_size: Decimal
    package_price: Decimal

    def __post_init__(self) -> None:
        _check("package_size", self.package_size)
        _check("package_price", self.package_price)
        if self.package_size <= 0:
            raise ValueError(f"package_size {self.package_size} must be more than 0")

    def of(self, units: Fraction) -> Iterator[tuple[Fraction, str]]:
        started = -(-units // Fraction(self.package_size))
        yield (
            started * Fraction(self.package_price),
            f"{started} started packages of {self.package_size} x {self.package_price}",
        )


Tiers = Graduated | Volume | Package | Stairstep


def price_of(quantity: Fraction, unit_price: Decimal, tiers: Tiers | None) -> Tiered:
    """What `quantity` costs by `tiers`, or at `unit_price` where there are none."""
    if tiers is None:
        flat = (f"{shown(quantity)} x {unit_price}",)
        return Tiered(quantity * Fraction(unit_price), flat, unit_price)
    if not quantity:
        return Tiered(Fraction(0), ("no units reach a tier",))
    sign = -1 if quantity < 0 else 1
    parts = list(tiers.of(abs(quantity)))
    below = ("less than none, so the negative of:",) if sign < 0 else ()
    return Tiered(
        sign * sum((amount for amount, _ in parts), Fraction(0)),
        (*below, *(f"{tiers.__struct_config__.tag}, {why}" for _, why in parts)),
    )


def one_price(unit_price: Decimal | None, tiers: Tiers | None) -> None:
    """Refuse terms that give both a price per unit and tiers, or neither; raises `ValueError`."""
    if unit_price is not None and tiers is not None:
        raise ValueError("unit_price and tiers exclude each other: give one of them")
    if unit_price is None and tiers is None:
        raise ValueError("there is no price: give unit_price or tiers")


def shown(quantity: Fraction) -> Decimal:
    """A quantity as it is printed, to four places; only ever for display."""
    exact = Decimal(quantity.numerator) / Decimal(quantity.denominator)
    return exact.quantize(Decimal("0.0001")).normalize() + 0


class _Bounded(Protocol):
    @property
    def up_to(self) -> Decimal | None: ...


def _check(name: str, value: Decimal) -> None:
    if not plausible(value):
        raise ValueError(f"{name} {value} is not a plausible figure")


def _check_steps(steps: Sequence[_Bounded]) -> None:
    """Steps climb without a gap, since each begins where the one before ends, and never end."""
    if not steps or steps[-1].up_to is not None:
        raise ValueError("the last of the steps must be open-ended: leave its up_to out")
    below = Decimal(0)
    for step in steps[:-1]:
        if step.up_to is None:
            raise ValueError("only the last of the steps may leave up_to out")
        _check("up_to", step.up_to)
        if step.up_to <= below:
            raise ValueError(f"up_to {step.up_to} must be more than {below}, the step before")
        below = step.up_to


def _bounds(steps: Sequence[_Bounded]) -> list[Fraction]:
    """Where each step begins: what lies at this quantity is still in the step before."""
    return [Fraction(0), *(Fraction(step.up_to) for step in steps if step.up_to is not None)]


S = TypeVar("S", bound=_Bounded)


def _reached(steps: Sequence[S], units: Fraction) -> tuple[Fraction, S]:
    """The step that `units` lie in and where it begins."""
    return next(
        (above, step)
        for above, step in zip(_bounds(steps), steps, strict=True)
        if step.up_to is None or units <= Fraction(step.up_to)
    )


def _span(above: Fraction, step: _Bounded) -> str:
    lower = f"over {shown(above)}" if above else ""
    upper = "" if step.up_to is None else f"up to {step.up_to}"
    return " ".join(filter(None, [lower, upper])) or "all"
