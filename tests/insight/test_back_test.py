"""The back-test: it judges by months the advice has not seen, and the advice beats the thumb."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from tallystick.insight.back_test import back_test, walk_forward
from tallystick.insight.history import History
from tallystick.insight.prices import AdviceTerms

from .contracts import history
from .efforts import KNOWN

TERMS = AdviceTerms()


def portfolio(contracts: int, months: int, seed: int = 5) -> list[History]:
    random, draws = Random(seed), list(KNOWN.values())
    return [
        history([cost / 100 for cost in draws[n % len(draws)](random, months)], ref=f"psa:C{n:02}")
        for n in range(contracts)
    ]


def test_origins_walk_forward() -> None:
    [of] = portfolio(1, 24)
    tries = walk_forward(of, TERMS)
    assert [one.seen for one in tries] == list(range(6, 22))
    assert [one.held_out for one in tries] == [12] * 7 + [11, 10, 9, 8, 7, 6, 5, 4, 3]
    first = tries[0]
    after = of.months[6:18]
    assert first.needed == Fraction(sum(one.cost.minor for one in after), 12) / Fraction(6, 10)
    assert first.thumb == Fraction(of.months[5].cost.minor) / Fraction(6, 10)


def test_advice_is_blind_to_what_is_held_out() -> None:
    costs = [500.0, 700.0, 900.0, 600.0, 750.0, 400.0]
    calm, wild = (history([*costs, *later]) for later in ([1.0] * 12, [9999.0] * 12))
    assert walk_forward(calm, TERMS)[0].advised == walk_forward(wild, TERMS)[0].advised


@pytest.mark.parametrize("probability", ["0.5", "0.8", "0.9", "0.95"])
def test_it_meets_what_it_states_and_beats_the_rule_of_thumb(probability: str) -> None:
    stated = Decimal(probability)
    found = back_test(portfolio(120, 24), AdviceTerms(probability=stated))
    assert found.advice is not None and found.rule_of_thumb is not None
    assert found.give_or_take is not None
    off = abs(found.advice.met_percent - 100 * stated)
    assert off <= max(Decimal(3), Decimal("1.5") * found.give_or_take)
    assert found.advice.regret_percent < found.rule_of_thumb.regret_percent
    assert off < abs(found.rule_of_thumb.met_percent - 100 * stated)


def test_too_few_months_test_nothing() -> None:
    found = back_test(portfolio(3, 8), TERMS)
    assert (found.contracts, found.tries, found.advice) == (0, 0, None)


def test_one_contract_has_no_spread_between_contracts() -> None:
    assert back_test(portfolio(1, 24), TERMS).give_or_take is None
