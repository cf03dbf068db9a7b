"""Edges of a schedule: the day a slice falls due, interrupted cycles, uplifts one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.records import Contract, ContractLine

from .test_laws import issue

CPI = {
    date(2026, 1, 1): Decimal(100),
    date(2027, 1, 1): Decimal(110),
    date(2028, 1, 1): Decimal(121),
}


def of(start: date = date(2026, 1, 1), **terms: Any) -> Facts:
    return Facts(
        Contract(id="C", client="K", name="C", currency="EUR", starts_on=start),
        (ContractLine(id="L", contract="C", description="L", model="fixed", terms=terms),),
    )


def charges(facts: Facts, until: date) -> list[Charge]:
    return list(price(facts, until, SHIPPED, PriceBook(indices={"cpi": CPI})).charges)


def amounts(facts: Facts, until: date) -> list[str]:
    return [str(one.amount.amount) for one in charges(facts, until)]


@pytest.mark.parametrize(
    ("timing", "due"), [("arrears", date(2026, 2, 1)), ("advance", date(2026, 1, 2))]
)
def test_a_cycle_is_due_the_day_after_its_last_or_its_first_day(timing: str, due: date) -> None:
    facts = of(unit_price="100", timing=timing)
    assert amounts(facts, due) == ["100.00"]
    assert amounts(facts, date.fromordinal(due.toordinal() - 1)) == []


def test_after_a_trial_a_line_in_advance_is_due_on_its_first_charged_day() -> None:
    facts = of(unit_price="310", timing="advance", trial_days=10)
    assert amounts(facts, date(2026, 1, 11)) == []
    assert amounts(facts, date(2026, 1, 12)) == ["0.00", "210.00"]


@pytest.mark.parametrize(("proration", "amount"), [("none", "0.00"), ("full", "310.00")])
def test_an_interrupted_cycle_costs_nothing_or_all(proration: str, amount: str) -> None:
    pauses = [{"since": "2026-01-10", "until": "2026-01-20"}]
    facts = of(unit_price="310", proration=proration, pauses=pauses)
    assert amounts(facts, date(2026, 2, 1)) == [amount]


@pytest.mark.parametrize("timing", ["arrears", "advance"])
def test_a_step_taken_back_leaves_nothing_behind(timing: str) -> None:
    """The part after a step was billed before its service: it goes when the step goes."""
    terms = {"unit_price": "365", "cycle": "year", "timing": timing}
    stepped = of(**terms, steps=[{"since": "2026-07-01", "unit_price": "730"}])
    until = date(2026, 2, 1) if timing == "advance" else date(2027, 1, 1)
    billed: list[Billed] = issue([], difference(charges(stepped, until), [], until), "I1")
    assert sorted(one.amount.minor for one in billed) == [18100, 36800]
    billed = issue(billed, difference(charges(of(**terms), until), billed, until), "I2")
    assert sorted(one.amount.minor for one in billed) == [0, 36500]


def test_no_slice_of_a_cycle_is_due_before_the_cycle_is_over() -> None:
    steps = [{"since": "2026-01-15", "unit_price": "200"}]
    facts = of(unit_price="100", steps=steps)
    assert amounts(facts, date(2026, 1, 31)) == []
    billed = issue([], difference(charges(facts, date(2026, 2, 1)), [], date(2026, 2, 1)), "I1")
    assert difference(charges(facts, date(2026, 1, 20)), billed, date(2026, 1, 20)) == []


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"cap_percent": "10", "floor_percent": "10"}, "x 110 / 100 of cpi 2027-01"),
        ({"cap_percent": "9"}, "x 110 / 100 of cpi 2027-01, capped at 9 %"),
        ({"floor_percent": "11"}, "x 110 / 100 of cpi 2027-01, at least 11 %"),
    ],
)
def test_an_uplift_says_its_bound_where_that_decides(bound: dict[str, str], said: str) -> None:
    uplift = {"since": "2027-01-01", "index": "cpi", "base": "2026-01", **bound}
    facts = of(unit_price="100", cycle="year", uplift=uplift)
    assert charges(facts, date(2028, 1, 1))[1].reason[1].endswith(said)


def test_an_uplift_after_the_last_day_asks_for_no_index_value() -> None:
    uplift = {"since": "2027-09-01", "index": "cpi", "base": "2026-01"}
    facts = of(unit_price="365", cycle="year", uplift=uplift)
    ending = replace(facts, contract=replace(facts.contract, ends_on=date(2027, 9, 1)))
    assert amounts(ending, date(2028, 1, 1)) == ["365.00", "243.00"]


def test_an_uplift_on_the_first_day_is_in_the_price() -> None:
    facts = of(unit_price="100", cycle="year", uplift={"since": "2026-01-01", "percent": "10"})
    assert amounts(facts, date(2029, 1, 1)) == ["100.00", "110.00", "121.00"]


def test_each_uplift_goes_by_the_rise_since_the_one_before() -> None:
    uplift = {"since": "2027-01-01", "index": "cpi", "base": "2026-01"}
    facts = of(unit_price="100", cycle="year", uplift=uplift)
    assert amounts(facts, date(2029, 1, 1)) == ["100.00", "110.00", "121.00"]


@pytest.mark.parametrize(
    ("unit_price", "percent", "raised"),
    [
        ("0.50", "1", "0.51"),
        ("0.49", "1", "0.49"),
        ("-0.50", "1", "-0.51"),
        ("0.125", "0.4", "0.126"),
        ("0.01", "-40", "0.01"),
    ],
)
def test_a_raised_price_is_rounded_half_away_from_zero(
    unit_price: str, percent: str, raised: str
) -> None:
    facts = of(
        unit_price=unit_price, cycle="year", uplift={"since": "2027-01-01", "percent": percent}
    )
    assert str(charges(facts, date(2028, 1, 1))[-1].unit_price) == raised


def reasons(facts: Facts, until: date) -> list[tuple[str, ...]]:
    return [one.reason[1:] for one in charges(facts, until)]


def test_days_that_are_not_charged_say_why() -> None:
    until = date(2026, 2, 1)
    plain = {"unit_price": "310"}
    pause = [{"since": "2026-01-22", "until": "2026-02-02"}]
    assert reasons(of(**plain, pauses=pause), until) == [
        ("2026-01-01..2026-01-21 of 2026-01, prorated 21/31 by actual_days",),
        ("paused from 2026-01-22 until 2026-02-01",),
    ]
    assert reasons(of(**plain, free=[{"since": "2026-01-22"}]), until)[1] == (
        "free from 2026-01-22",
    )
    facts = of(**plain, trial_days=10)
    assert reasons(facts, until) == [
        ("trial until 2026-01-10",),
        ("2026-01-11..2026-01-31 of 2026-01, prorated 21/31 by actual_days",),
    ]
    (contract, lines) = (facts.contract, of(**plain).lines)
    paused = Facts(replace(contract, terms={"pauses": pause}), lines)
    assert reasons(paused, until)[1] == ("contract paused from 2026-01-22 until 2026-02-01",)


def test_neighbours_at_one_price_are_one_charge() -> None:
    same = [{"since": "2026-01-11", "unit_price": "310"}]
    assert amounts(of(unit_price="310", steps=same), date(2026, 2, 1)) == ["310.00"]
    dearer = [{"since": "2026-01-11", "unit_price": "620"}]
    pause = [{"since": "2026-01-06", "until": "2026-01-22"}]
    facts = of(unit_price="310", steps=dearer, pauses=pause)
    assert amounts(facts, date(2026, 2, 1)) == ["50.00", "0.00", "200.00"]
    more = [{"since": "2026-01-11", "quantity": "2"}]
    assert amounts(of(unit_price="310", steps=more), date(2026, 2, 1)) == ["100.00", "420.00"]


def test_a_cycle_that_is_not_interrupted_is_charged_by_none() -> None:
    assert amounts(of(unit_price="310", proration="none"), date(2026, 2, 1)) == ["310.00"]


def test_a_raised_price_says_how() -> None:
    facts = of(unit_price="100", cycle="year", uplift={"since": "2027-01-01", "percent": "10"})
    assert reasons(facts, date(2028, 1, 1)) == [(), ("110.00 from 2027-01-01: 100 +10 %",)]


def test_a_fee_in_advance_is_deferred_and_earned_by_the_day() -> None:
    facts = of(date(2026, 1, 17), unit_price="310", cycle="month", every=2, timing="advance")
    found = price(facts, date(2026, 1, 18), SHIPPED, PriceBook())
    ((fee,), earned) = (found.charges, found.earnings)
    assert (fee.account, fee.deferred, str(fee.amount)) == (
        "Liabilities:Deferred",
        True,
        "225.93 EUR",
    )
    assert [(str(one.month), str(one.amount), one.account) for one in earned] == [
        ("2026-01", "78.81 EUR", "Income:Fixed"),
        ("2026-02", "147.12 EUR", "Income:Fixed"),
    ]
    in_arrears = charges(of(unit_price="310"), date(2026, 2, 1))[0]
    assert (in_arrears.account, in_arrears.deferred) == ("Income:Fixed", False)
