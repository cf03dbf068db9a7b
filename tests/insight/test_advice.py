"""Advice on one contract: what it says, what it refuses, and in which order contracts come."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from tallystick.insight.advice import Advice, advise
from tallystick.insight.history import History, revenue_now, usable
from tallystick.insight.prices import AdviceTerms
from tallystick.insight.renewals import renewals

from .contracts import caused, eur, history, month

TERMS = AdviceTerms()
UNEVEN = [500.0, 700.0, 900.0, 600.0, 750.0, 400.0, 800.0, 650.0]


def advice(of: History, terms: AdviceTerms = TERMS) -> Advice:
    found = advise(of, terms)
    assert found.advice, found.why_not
    return found.advice


def test_what_a_price_says() -> None:
    found = advice(history(UNEVEN, fees=1000, devices=20, users=8))
    assert found.expected_cost == eur(662.5)
    assert found.today == eur(1000)
    assert [str(rung.probability) for rung in found.ladder] == ["0.5", "0.8", "0.9", "0.95"]
    needed = found.ladder[1]
    assert found.needed == needed.price
    assert found.at_stake == (needed.price - eur(1000)) * 12
    assert eur(1100) < found.ladder[0].price < needed.price < eur(1300)
    assert needed.per_device is not None and needed.per_user is not None
    assert needed.per_device * 20 >= eur(1150) and needed.per_user * 8 >= eur(1150)
    assert found.verdict == "reprice"
    assert found.chance_percent == 20


@pytest.mark.parametrize(
    ("fees", "cause", "verdict"),
    [
        (2000, 0.5, "leave"),
        (1150, 0.5, "lower risk"),
        (1000, 0.5, "reprice"),
        (800, 0.5, "re-scope"),
        (800, 0.3, "reprice"),
        (800, 1.0, "reprice"),
        (0, 0.5, "reprice"),
    ],
)
def test_what_to_do(fees: float, cause: float, verdict: str) -> None:
    each = {at: {"causes": caused(printer=cause * cost)} for at, cost in enumerate(UNEVEN)}
    found = advice(history(UNEVEN, fees=fees, each=each))
    assert found.verdict == verdict
    assert ("printer" in found.why) == (verdict == "re-scope")


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (history([]), "0 months to build on, 6 are needed"),
        (history([500.0] * 3), "3 months to build on, 6 are needed"),
        (history([0.0] * 9), "no work in 9 months"),
        (history([-5.0] * 9), "no work in 9 months"),
        (history([0.0] * 7 + [900.0] * 2), "work in only 2 of 9 months"),
        (
            history(UNEVEN, scope_from=date(2024, 5, 1)),
            r"4 months to build on \(what it covers changed on 2024-05-01\), 6 are needed",
        ),
        (
            history(UNEVEN, each={3: {"missing": ("1.5 h without a cost rate",)}}),
            r"4 months to build on \(2024-04 has 1.5 h without a cost rate\), 6 are needed",
        ),
    ],
)
def test_it_refuses_with_the_reason(of: History, why: str) -> None:
    found = advise(of, TERMS)
    assert found.advice is None
    assert re.match(why, found.why_not), found.why_not


def test_history_before_a_hole_or_another_scope_is_left_out() -> None:
    of = history([9000.0, 9000.0, *UNEVEN], each={1: {"missing": ("0.1 h without a cost rate",)}})
    assert [one.first.month for one in usable(of, 6).months] == list(range(3, 11))
    assert advice(of).expected_cost == eur(662.5)


def test_a_fee_counts_as_it_is_now_and_work_as_it_was_on_average() -> None:
    months = [
        month(at, 1, fees, variable=eur(v))
        for at, (fees, v) in enumerate([(100, 30), (120, 0), (0, 60)])
    ]
    assert revenue_now(tuple(months), "EUR") == eur(150)


def test_most_money_first_and_no_advice_last() -> None:
    found = renewals(
        [
            history([1.0], ref="psa:A"),
            history(UNEVEN, 2000, ref="psa:B"),
            history(UNEVEN, 500, ref="psa:C"),
            history(UNEVEN, 900, ref="psa:D"),
        ],
        TERMS,
    )
    refs = [one.history.contract for one in found]
    assert refs == ["psa:C", "psa:D", "psa:B", "psa:A"]
    told = [advise(one.history, TERMS).advice for one in found]
    assert [one.at_stake for one in found] == [one and one.at_stake for one in told]


def test_a_probability_of_ones_own_is_a_rung_of_its_own() -> None:
    found = advice(history(UNEVEN), AdviceTerms(probability=Decimal("0.85")))
    assert [rung.probability for rung in found.ladder][2] == Decimal("0.85")
    assert found.needed == found.ladder[2].price
