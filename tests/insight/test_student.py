"""Student's t against the printed table, and against itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.insight.student import below, quantile

# Abramowitz and Stegun, table 26.10: t not exceeded with this probability
TABLE = [
    (0.75, 1, 1.000),
    (0.90, 1, 3.078),
    (0.95, 1, 6.314),
    (0.90, 2, 1.886),
    (0.95, 3, 2.353),
    (0.95, 5, 2.015),
    (0.995, 5, 4.032),
    (0.90, 10, 1.372),
    (0.95, 11, 1.796),
    (0.975, 20, 2.086),
    (0.99, 30, 2.457),
]


@pytest.mark.parametrize(("probability", "freedom", "t"), TABLE)
def test_the_printed_table(probability: float, freedom: int, t: float) -> None:
    assert quantile(probability, freedom) == pytest.approx(t, abs=6e-4)


@given(st.floats(0.001, 0.999), st.integers(1, 60))
def test_the_quantile_undoes_the_probability(probability: float, freedom: int) -> None:
    assert below(quantile(probability, freedom), freedom) == pytest.approx(probability, abs=1e-9)


@given(st.floats(-50, 50), st.integers(1, 60))
def test_it_is_symmetric(t: float, freedom: int) -> None:
    assert below(t, freedom) + below(-t, freedom) == pytest.approx(1)
