"""The advised cost holds as often as it says, whatever the months are like.

Each try draws months of a known distribution, takes the first as history, and looks whether
the next twelve cost at most what the spread says. TALLYSTICK_CALIBRATION_TRIES makes it finer;
`python tests/insight/calibration.py` draws it.
"""

from __future__ import annotations

import os
from math import sqrt
from random import Random

import pytest

from tallystick.insight.spread import spread

from .efforts import KNOWN, SEASONAL, Draw

TRIES = int(os.environ.get("TALLYSTICK_CALIBRATION_TRIES", "400"))
PROBABILITIES = (0.5, 0.8, 0.9, 0.95)
AHEAD = 12
SURE = 3
"""Standard errors a share may be off by chance: 1 in 370 for each of the shares looked at."""


def coverage(draw: Draw, seen: int, tries: int, ahead: int = AHEAD) -> dict[float, float]:
    """How often the next months cost at most what each probability says."""
    random = Random(f"{seen}, {tries}")
    held = dict.fromkeys(PROBABILITIES, 0)
    for _ in range(tries):
        months = draw(random, seen + ahead)
        found = spread(months[:seen])
        after = sum(months[seen:]) / ahead
        for probability in PROBABILITIES:
            held[probability] += after <= found.at(probability, ahead)
    return {probability: count / tries for probability, count in held.items()}


def must_hold(found: dict[float, float], tries: int, short: float = 0) -> None:
    """`short` is the part that a distribution is known to fall short by."""
    for probability, share in found.items():
        error = SURE * sqrt(probability * (1 - probability) / tries)
        assert probability - short - error <= share <= probability + 0.01 + error, found


@pytest.mark.parametrize("seen", [6, 12, 24])
@pytest.mark.parametrize("name", KNOWN)
def test_the_stated_probability_is_met(name: str, seen: int) -> None:
    short = 0.025 if name == "log-normal" else 0.015
    must_hold(coverage(KNOWN[name], seen, TRIES), TRIES, short)


@pytest.mark.parametrize("name", SEASONAL)
def test_two_years_tell_seasons_from_risk(name: str) -> None:
    must_hold(coverage(SEASONAL[name], 24, TRIES), TRIES, 0.015)
