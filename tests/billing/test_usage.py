"""Usage and tickets beyond their documented examples: words, corrections, what cannot be billed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Incident
from tallystick.errors import SkipRecord
from tallystick.records import Usage

from .test_models import priced


def read(ref: str, quantity: str, day: int = 3, **more: Any) -> Usage:
    defaults = {"client": "K", "meter": "disk", "used_on": date(2026, 7, day)}
    return Usage(id=ref, quantity=Decimal(quantity), **{**defaults, **more})


def july(terms: dict[str, object], *usages: Usage) -> Charge:
    found = priced("usage", {"meters": ["*"], **terms}, usages=usages).charges
    assert all(isinstance(one, Charge) for one in found)
    return found[0]


def test_the_reason_names_each_meter_and_how_many_records_it_has() -> None:
    charge = july(
        {"unit_price": "2", "aggregate": "max", "included_quantity": 1, "minimum_quantity": 20},
        read("1", "7"),
        read("2", "9"),
        read("3", "4.5", meter="cloud"),
    )
    assert charge.reason == (
        "cloud: 4.5, the max of 1 record",
        "disk: 9, the max of 2 records",
        "20 are counted at the least",
        "1 of them are free",
        "19 x 2",
    )
    assert (charge.account, charge.basis) == ("Income:Usage", "usage:2026-07-01")


def test_a_cycle_below_zero_is_credited_and_keeps_its_free_units_out_of_it() -> None:
    steps = [{"up_to": 2, "unit_price": "10"}, {"unit_price": "1"}]
    wrong, right = read("1", "2"), read("2", "-5")
    assert july({"unit_price": "10", "included_quantity": 4}, wrong, right).amount.minor == -3000
    tiers = {"mode": "graduated", "steps": steps}
    charge = july({"tiers": tiers}, wrong, right)
    assert charge.amount.minor == -2100
    assert charge.reason[1:] == (
        "less than none, so the negative of:",
        "graduated, up to 2: 2 x 10",
        "graduated, over 2: 1 x 1",
    )


def test_of_two_records_of_one_day_the_last_is_the_one_with_the_higher_id() -> None:
    terms = {"unit_price": "1", "aggregate": "last"}
    assert july(terms, read("b", "2"), read("a", "7"), read("c", "9", day=1)).amount.minor == 200


def test_a_day_outside_the_cycle_does_not_count() -> None:
    found = (read("1", "1", used_on=date(2026, 6, 30)), read("2", "1", used_on=date(2026, 8, 1)))
    assert july({"unit_price": "1"}, *found).amount.minor == 0


def test_usage_in_a_trial_and_in_a_pause_costs_nothing_and_the_rest_all_of_the_price() -> None:
    terms = {
        "meters": ["*"],
        "unit_price": "1",
        "trial_days": 4,
        "pauses": [{"since": date(2026, 7, 20), "until": date(2026, 7, 25)}],
        "minimum_quantity": 3,
    }
    days = (4, 5, 19, 20, 24, 25)
    found = priced(
        "usage", terms, usages=[read(str(day), str(day * 10), day) for day in days]
    ).charges
    assert [(one.basis[6:], one.amount.minor) for one in found[:4]] == [
        ("2026-07-01", 0),
        ("2026-07-05", 24000),
        ("2026-07-20", 0),
        ("2026-07-25", 25000),
    ]
    assert found[1].group == "Line"


def test_a_trial_costs_nothing_where_tiers_would_ask_for_the_least_that_is_counted() -> None:
    tiers = {"mode": "graduated", "steps": [{"unit_price": "2", "flat_fee": "1"}]}
    terms = {"meters": ["*"], "tiers": tiers, "minimum_quantity": 3, "trial_days": 31}
    trial, august = priced("usage", terms).charges
    assert (trial.amount.minor, august.amount.minor) == (0, 700)


def test_a_price_that_changes_within_a_cycle_cuts_its_usage_in_two() -> None:
    steps = [{"since": date(2026, 7, 16), "unit_price": "2"}]
    terms = {"meters": ["*"], "unit_price": "1", "included_quantity": 1, "steps": steps}
    usages = (read("1", "5", 15), read("2", "5", 16))
    before, after, *_ = priced("usage", terms, usages=usages).charges
    assert (before.amount.minor, after.amount.minor) == (400, 800)


def test_cost_is_rounded_once_and_said() -> None:
    records = [read(str(n), "1", cost=Decimal("0.333"), currency="EUR") for n in range(3)]
    charge = july({"markup_percent": "50"}, *records)
    assert charge.amount.minor == 150  # 0.999 + 50 % is 1.4985
    assert charge.reason == ("cost of 3 records: 0.999 + 50 %",)
    assert (charge.quantity, charge.unit_price) == (1, Decimal("1.50"))


def test_cost_may_be_billed_on_without_a_markup() -> None:
    record = read("1", "1", cost=Decimal(7), currency="EUR")
    assert july({"markup_percent": 0}, record).amount.minor == 700


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (read("7", "1"), "Usage of disk on 2026-07-03 has no cost"),
        (read("7", "1", cost=Decimal(1), currency="USD"), "a cost in USD, and the contract is in"),
        (read("7", "1", cost=Decimal(1)), "has a cost in no currency"),
        (read("7", "1", cost=Decimal("1E+40"), currency="EUR"), "says 1E+40, which is not"),
    ],
)
def test_cost_that_cannot_be_billed_on_names_the_record(record: Usage, sentence: str) -> None:
    with pytest.raises(SkipRecord, match=re.escape(sentence)) as raised:
        july({"markup_percent": 10}, record)
    assert (raised.value.record, raised.value.ref) == ("usage", "7")


def test_a_quantity_nobody_can_mean_names_the_record() -> None:
    with pytest.raises(SkipRecord, match=r"says 1E\+40, which is not a plausible figure"):
        july({"unit_price": 1}, read("7", "1E+40"))


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"markup_percent": 1, "unit_price": 1}, "markup_percent and unit_price exclude"),
        ({"markup_percent": 1, "included_quantity": 1}, "markup_percent and included_quantity"),
        (
            {"markup_percent": 1, "steps": [{"since": date(2026, 8, 1), "unit_price": 1}]},
            "markup_percent and steps exclude each other",
        ),
        ({"markup_percent": 1, "aggregate": "max"}, "the max of usage has no cost"),
        ({"markup_percent": "-0.1"}, "markup_percent -0.1 must be at least 0"),
        ({}, "there is no price: give unit_price or tiers"),
        ({"unit_price": 1, "meters": []}, "meters names none"),
        ({"unit_price": 1, "timing": "advance"}, "usage is known only afterwards"),
        ({"unit_price": 1, "proration": "none"}, "usage is not prorated"),
        ({"unit_price": 1, "included_quantity": -1}, "must be at least 0"),
        ({"unit_price": 1, "minimum_quantity": -1}, "must be at least 0"),
    ],
)
def test_contradictory_terms_of_usage_are_named(terms: dict[str, object], sentence: str) -> None:
    with pytest.raises(SkipRecord, match=re.escape(sentence)):
        july(terms)


TICKET = Incident("a", date(2026, 7, 3), type="fault", priority="P1", sla_met=False)


def tickets(terms: dict[str, object], *found: Incident) -> tuple[Charge, ...]:
    return priced("per_incident", terms, incidents=found).charges


def test_a_ticket_says_which_price_it_got_and_which_was_included() -> None:
    prices = [{"types": ["fault", "alert"], "priorities": ["P1"], "unit_price": "9"}]
    charges = tickets(
        {"prices": prices, "unit_price": "5", "included": 1, "cycle": "quarter"},
        TICKET,
        Incident("b", date(2026, 8, 3), type="alert", priority="P1"),
        Incident("c", date(2026, 8, 4), type="alert", priority="P2"),
    )
    assert [(one.basis, one.reason[1]) for one in charges] == [
        ("ticket:a", "1 of 1 included a quarter"),
        ("ticket:b", "1 x 9 for type fault or alert, priority P1"),
        ("ticket:c", "1 x 5"),
    ]


def test_a_ticket_that_no_price_fits_is_not_counted() -> None:
    terms: dict[str, object] = {"prices": [{"types": ["alert"], "unit_price": "9"}], "included": 1}
    alert = Incident("b", date(2026, 7, 4), type="alert", priority="P1")
    assert [one.basis for one in tickets(terms, TICKET, alert)] == ["ticket:b"]


@pytest.mark.parametrize(
    ("prices", "sentence"),
    [
        (
            [{"types": ["fault"], "unit_price": 1}, {"priorities": ["P1"], "unit_price": 2}],
            "the prices for type fault and for priority P1 both fit a ticket of type fault and",
        ),
        (
            [{"unit_price": 1}, {"types": ["*"], "unit_price": 2}],
            "the prices for any and for type * both fit a ticket of type another",
        ),
        (
            [{"unit_price": 1}, {"priorities": ["*"], "unit_price": 2}],
            "any and for priority * both fit a ticket of type another and priority another: make",
        ),
        ([{"unit_price": "1E+99"}], "unit_price 1E+99 is not a plausible figure"),
        ([], "there is no price: give unit_price or prices"),
    ],
)
def test_prices_that_tie_are_named(prices: list[dict[str, object]], sentence: str) -> None:
    with pytest.raises(SkipRecord, match=re.escape(sentence)):
        tickets({"prices": prices}, TICKET)


def test_a_third_price_settles_a_tie() -> None:
    prices = [
        {"types": ["fault"], "unit_price": 1},
        {"priorities": ["P1"], "unit_price": 2},
        {"types": ["fault"], "priorities": ["P1"], "unit_price": 3},
    ]
    (charge,) = tickets({"prices": prices}, TICKET)
    assert charge.amount.minor == 300


@pytest.mark.parametrize(
    "terms",
    [
        {"unit_price": "2"},
        {"tiers": {"mode": "package", "package_size": 1, "package_price": 2}},
        {"markup_percent": "0"},
    ],
)
def test_usage_of_days_that_are_not_charged_costs_nothing(terms: dict[str, object]) -> None:
    usages = [read(str(day), "3", day, cost=Decimal(6), currency="EUR") for day in (9, 12)]
    found = priced("usage", {"meters": ["*"], **terms, "trial_days": 10}, usages=usages).charges
    assert [str(one.amount) for one in found[:2]] == ["0.00 EUR", "6.00 EUR"]
    assert [one.reason[-1] for one in found[:1]] == ["trial until 2026-07-10"]
    assert "prorated" not in " ".join(found[1].reason)
