"""From an estimated cost to a price: exact, rounded up, and inverse to its probability."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.insight.prices import (
    LADDER,
    AdviceTerms,
    bars,
    bounded,
    chance,
    ladder,
    price,
    written,
)
from tallystick.insight.spread import Spread, spread
from tallystick.money import Money

costs = st.lists(st.integers(0, 10**7), min_size=6, max_size=36).filter(
    lambda found: 2 * sum(1 for one in found if one) >= len(found)
)
TERMS = AdviceTerms()


@pytest.mark.parametrize(
    ("minor", "shown"),
    [("0", 0), ("7", 7), ("7.2", 8), ("1237", 1240), ("123401", 124000), ("99999", 100000)],
)
def test_a_price_is_one_that_people_write(minor: str, shown: int) -> None:
    assert written(Fraction(minor), "EUR").minor == shown


@given(st.fractions(0, 10**12))
def test_rounding_is_up_and_by_at_most_one_percent(amount: Fraction) -> None:
    found = written(amount, "JPY").minor
    assert amount <= found
    assert found <= max(amount * Fraction(101, 100), amount + 1) + 1


def test_the_margin_is_of_the_price_not_of_the_cost() -> None:
    assert price(60_000.0, TERMS, "EUR") == Money(100_000, "EUR")


@given(costs, st.integers(1, 24), st.floats(0.05, 0.95))
def test_the_chance_of_a_cost_is_the_probability_it_was_told_for(
    months: list[int], ahead: int, probability: float
) -> None:
    found = spread(months)
    cost = found.at(probability, ahead)
    if found.variance > 1e-9 and 0 < cost < float("inf"):
        assert found.chance(cost, ahead) == pytest.approx(probability, abs=1e-6)


@given(costs)
def test_more_certainty_costs_more(months: list[int]) -> None:
    if bounded(spread(months), TERMS):
        rungs = ladder(spread(months), TERMS, "EUR", 3, 0)
        prices = [rung.price.minor for rung in rungs]
        assert prices == sorted(prices)
        assert all(rung.per_device and rung.per_user is None for rung in rungs)
        assert all(
            rung.per_device.minor * 3 >= rung.price.minor * 99 // 101
            for rung in rungs
            if rung.per_device
        )


def test_months_that_are_all_alike_leave_no_risk() -> None:
    found = spread([60_000] * 8)
    rungs = ladder(found, TERMS, "EUR", 0, 0)
    assert {rung.price for rung in rungs} == {Money(100_000, "EUR")}
    assert chance(Money(100_000, "EUR"), found, TERMS) == 100
    assert chance(Money(99_999, "EUR"), found, TERMS) == 0


def test_the_cube_root_law_by_hand() -> None:
    """Twelve months of mean 1,000 and relative variance 0.36, for twelve ahead at 90 percent:
    A = B = 0.36/108 = 1/300, t(0.90, 11) = 1.3634. With R^(1/3) = 1.1185 both sides are 0.1181:
    (299/300) 0.1185, and 1.3634 sqrt((1 + 1.1185^2)/300)."""
    found = Spread(100_000, 0.36, 12, 11)
    assert found.at(0.9, 12) == pytest.approx(100_000 * 1.1185**3, rel=1e-4)


def test_two_years_take_seasons_out() -> None:
    wave = [50_000, 150_000] * 6
    assert spread(wave).variance > 0.25
    assert spread(wave * 2).variance == 0
    assert spread([*wave, *wave]).freedom == 12


def test_the_bars_are_the_probability_between_the_2nd_and_98th_percentile() -> None:
    found = bars(spread([50_000, 70_000, 90_000, 60_000, 75_000, 40_000]), TERMS, "EUR")
    assert 94 <= sum(bar.percent for bar in found) <= 103
    assert {bar.up_to.minor - bar.above.minor for bar in found} == {10_000}
    assert bars(spread([60_000] * 8), TERMS, "EUR") == ()
    assert [bar.up_to for bar in found[:-1]] == [bar.above for bar in found[1:]]


def test_too_wild_months_have_no_bound() -> None:
    assert Spread(1.0, 6.0, 6, 5).at(0.99, 12) == float("inf")
    assert not bounded(Spread(1.0, 6.0, 2, 1), TERMS)
    assert bounded(Spread(1.0, 0.36, 12, 11), TERMS)


@given(costs, st.sampled_from(["0.01", "0.3", "0.8", "0.99"]))
def test_a_bound_for_the_highest_probability_is_one_for_all(
    months: list[int], probability: str
) -> None:
    terms, of = AdviceTerms(probability=Decimal(probability)), spread(months)
    found = [of.at(float(one), terms.horizon_months) for one in {*LADDER, terms.probability}]
    assert bounded(of, terms) == (float("inf") not in found)
