"""Tiers against a walk of single units, and terms that contradict themselves."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.quantities.tiers import Tiers, price_of

ANY = Decimal(0)
QUARTER = Fraction(1, 4)
prices = st.decimals("0", "50", places=3)


@st.composite
def ladders(draw: st.DrawFn) -> list[tuple[Fraction | None, Fraction, Fraction]]:
    """(up to, unit price, flat fee) of each step; bounds in quarters of a unit."""
    bounds = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    tops: list[Fraction | None] = [Fraction(one, 4) for one in bounds]
    return [(top, Fraction(draw(prices)), Fraction(draw(prices))) for top in [*tops, None]]


quarters = st.integers(0, 100)


def tiers(mode: str, ladder: list[tuple[Fraction | None, Fraction, Fraction]]) -> Tiers:
    steps = []
    for up_to, unit_price, flat_fee in ladder:
        step: dict[str, Any] = {"flat_fee": str(Decimal(flat_fee.numerator) / flat_fee.denominator)}
        if mode != "stairstep":
            step["unit_price"] = str(Decimal(unit_price.numerator) / unit_price.denominator)
        if up_to is not None:
            step["up_to"] = str(Decimal(up_to.numerator) / up_to.denominator)
        steps.append(step)
    return read(mode=mode, steps=steps)


def read(**terms: object) -> Tiers:
    return msgspec.convert(terms, Tiers, strict=False)


def step_of(ladder: list[tuple[Fraction | None, Fraction, Fraction]], at: Fraction) -> int:
    """Which step the unit ending at `at` lies in."""
    return sum(up_to is not None and at > up_to for up_to, _, _ in ladder)


@given(ladders(), quarters)
def test_graduated_is_quarter_of_a_unit_by_quarter_of_a_unit(
    ladder: list[tuple[Fraction | None, Fraction, Fraction]], count: int
) -> None:
    lies_in = [step_of(ladder, n * QUARTER) for n in range(1, count + 1)]
    expected = sum((ladder[i][1] * QUARTER for i in lies_in), Fraction(0))
    expected += sum(ladder[i][2] for i in set(lies_in))
    assert price_of(count * QUARTER, ANY, tiers("graduated", ladder)).amount == expected


@given(ladders(), quarters)
def test_volume_and_stairstep_are_told_by_the_last_unit(
    ladder: list[tuple[Fraction | None, Fraction, Fraction]], count: int
) -> None:
    units = count * QUARTER
    _, unit_price, flat_fee = ladder[step_of(ladder, units)]
    reached = bool(count)
    volume = price_of(units, ANY, tiers("volume", ladder)).amount
    assert volume == units * unit_price + reached * flat_fee
    assert price_of(units, ANY, tiers("stairstep", ladder)).amount == reached * flat_fee


@given(quarters, st.integers(1, 40), prices)
def test_packages_are_counted_one_by_one(count: int, size: int, price: Decimal) -> None:
    package = read(mode="package", package_size=str(size / 4), package_price=str(price))
    left, packages = count, 0
    while left > 0:
        left, packages = left - size, packages + 1
    found = price_of(count * QUARTER, ANY, package)
    assert found.amount == packages * Fraction(price)


@given(ladders(), quarters, st.sampled_from(["graduated", "volume", "stairstep"]))
def test_less_than_nothing_is_the_mirror_image(
    ladder: list[tuple[Fraction | None, Fraction, Fraction]], count: int, mode: str
) -> None:
    found = tiers(mode, ladder)
    units = count * QUARTER
    assert price_of(-units, ANY, found).amount == -price_of(units, ANY, found).amount
    assert all(price_of(-units, ANY, found).reason)


def test_a_quantity_on_the_edge_lies_in_the_lower_step() -> None:
    steps = [{"up_to": 10, "unit_price": 5}, {"unit_price": 4, "flat_fee": 7}]
    at_edge, over = (
        price_of(Fraction(n), ANY, read(mode="graduated", steps=steps)) for n in (10, 11)
    )
    assert (at_edge.amount, at_edge.reason) == (50, ("graduated, up to 10: 10 x 5",))
    assert over.amount == 50 + 4 + 7
    assert over.reason == ("graduated, up to 10: 10 x 5", "graduated, over 10: 1 x 4 + 7")


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"mode": "graduated", "steps": []}, "the last of the steps must be open-ended"),
        (
            {"mode": "volume", "steps": [{"up_to": 5, "unit_price": 1}]},
            "the last of the steps must be open-ended: leave its up_to out",
        ),
        (
            {"mode": "volume", "steps": [{"unit_price": 1}, {"unit_price": 1}]},
            "only the last of the steps may leave up_to out",
        ),
        (
            {
                "mode": "graduated",
                "steps": [
                    {"up_to": 10, "unit_price": 1},
                    {"up_to": 10, "unit_price": 1},
                    {"unit_price": 1},
                ],
            },
            "up_to 10 must be more than 10, the step before",
        ),
        (
            {"mode": "stairstep", "steps": [{"up_to": 0, "flat_fee": 1}, {"flat_fee": 1}]},
            "up_to 0 must be more than 0",
        ),
        (
            {"mode": "volume", "steps": [{"up_to": "1E+99", "unit_price": 1}, {"unit_price": 1}]},
            "up_to 1E+99 is not a plausible figure",
        ),
        ({"mode": "stairstep", "steps": [{"unit_price": 1}]}, "unknown field `unit_price`"),
        ({"mode": "graduated", "steps": [{"flat_fee": 1}]}, "unit_price"),
        (
            {"mode": "graduated", "steps": [{"unit_price": "1E+99"}]},
            "unit_price 1E+99 is not a plausible figure",
        ),
        ({"mode": "volume", "steps": [{"unit_price": 1, "flat_fee": "NaN"}]}, "flat_fee NaN"),
        ({"mode": "package", "package_size": 0, "package_price": 1}, "must be more than 0"),
        ({"mode": "package", "steps": [{"unit_price": 1}]}, "unknown field"),
        ({"mode": "steps", "steps": []}, "mode"),
    ],
)
def test_contradictions_are_named(terms: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read(**terms)


def test_a_fee_is_said_where_there_is_one() -> None:
    steps = [{"up_to": 2, "unit_price": 5}, {"unit_price": 4, "flat_fee": 7}]
    volume = read(mode="volume", steps=steps)
    assert price_of(Fraction(2), ANY, volume).reason == ("volume, up to 2: all 2 x 5",)
    assert price_of(Fraction(3), ANY, volume).reason == ("volume, over 2: all 3 x 4 + 7",)
    flat = read(mode="volume", steps=[{"unit_price": 4}])
    assert price_of(Fraction(3), ANY, flat).reason == ("volume, all: all 3 x 4",)


@pytest.mark.parametrize("name", ["package_size", "package_price"])
def test_a_package_names_the_figure_that_cannot_be(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} 1E.99 is not a plausible figure"):
        read(mode="package", **{"package_size": 1, "package_price": 1, name: "1E+99"})


@pytest.mark.parametrize("mode", ["stairstep", "volume"])
def test_a_step_names_the_fee_that_cannot_be(mode: str) -> None:
    step = {"flat_fee": "1E+99"} | ({"unit_price": 1} if mode == "volume" else {})
    with pytest.raises(ValueError, match=r"^flat_fee 1E.99 is not a plausible figure"):
        read(mode=mode, steps=[step])


def test_less_than_one_unit_is_more_than_none() -> None:
    flat = read(mode="volume", steps=[{"unit_price": 4}])
    half = price_of(Fraction(1, 2), ANY, flat)
    assert (half.amount, half.reason) == (2, ("volume, all: all 0.5 x 4",))
