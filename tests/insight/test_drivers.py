"""A count drives the price only where it varied and the rise is clear."""

from __future__ import annotations

from random import Random

import pytest

from tallystick.insight.drivers import fit
from tallystick.insight.history import Month
from tallystick.insight.outlook import outlook

from .contracts import history

GROWING = [10 + at for at in range(18)]


def noisy(counts: list[int], seed: int, each: float = 40.0) -> list[int]:
    random = Random(seed)
    return [round(100 * count * each * random.gammavariate(20, 1 / 20)) for count in counts]


def test_a_line_without_noise_is_found_again() -> None:
    costs = [1000 + 500 * count for count in GROWING]
    found = fit(costs, GROWING, 40, "devices").found
    assert found is not None
    assert found.mean == pytest.approx(21_000)
    assert found.variance == pytest.approx(0)
    assert (found.freedom, found.months < 18) == (16, True)


@pytest.mark.parametrize(
    ("costs", "counts", "why"),
    [
        ([1] * 6, [1] * 6, "6 months, 12 are needed"),
        (list(range(12)), [20] * 11 + [21], "not enough variation, 20 to 21"),
        (list(range(12)), [0] * 12, "not enough variation, 0 to 0"),
        (list(range(12, 0, -1)), list(range(10, 22)), "no clear rise from 10 to 21"),
        ([5, 9] * 6, list(range(10, 22)), "no clear rise"),
    ],
)
def test_why_not(costs: list[int], counts: list[int], why: str) -> None:
    found = fit(costs, counts, counts[-1], "devices")
    assert found.found is None
    assert why in found.why


def growing(seed: int) -> tuple[Month, ...]:
    costs = noisy(GROWING, seed)
    each = {at: {"devices": count, "device_days": 400} for at, count in enumerate(GROWING)}
    return history([cost / 100 for cost in costs], each=each).months


def test_a_grown_fleet_is_priced_at_its_size_now() -> None:
    months = growing(1)
    found = outlook(months, 12)
    plain = sum(month.cost.minor for month in months) / len(months)
    assert found.because == ("cost rises with devices, 10 to 27 so far, told for 27",)
    assert found.spread.mean > 1.25 * plain


def test_chance_alone_seldom_makes_a_slope() -> None:
    """At 99 percent, of 400 fleets whose size says nothing some 4 seem to."""
    found = 0
    for seed in range(400):
        random = Random(seed)
        costs = [round(random.gammavariate(4, 25_000)) for _ in GROWING]
        found += fit(costs, GROWING, 27, "devices").found is not None
    assert found <= 14


def test_a_driven_price_holds_as_often_as_it_says() -> None:
    held, tries = 0, 400
    for seed in range(tries):
        counts = [*GROWING, *[27] * 12]
        costs = noisy(counts, seed)
        line = fit(costs[:18], GROWING, 27, "devices").found
        assert line is not None
        held += sum(costs[18:]) / 12 <= line.at(0.8, 12)
    assert 0.74 <= held / tries <= 0.9
