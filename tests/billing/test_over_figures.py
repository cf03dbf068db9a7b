"""Lines over other lines to the cent: what they say, share out, and leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Charge, ChargeModel, LineFacts, LineTerms
from tallystick.billing.facts import Facts
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.billing.routing import read_lines
from tallystick.records import Contract

from .strategies import book
from .test_over_lines import FEE, lines

JULY = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1))


def charged(
    until: date, *named: tuple[str, str, dict[str, object]], of: Contract = JULY
) -> list[Charge]:
    return list(price(Facts(of, tuple(lines(*named))), until, SHIPPED, book("EUR")).charges)


def test_what_a_longer_cycle_comes_to_counts_where_that_cycle_ends() -> None:
    found = charged(
        date(2026, 10, 1),
        ("f", "fixed", {"unit_price": "30.00"}),
        ("p", "percentage", {"of": ["f"], "percent": "10", "cycle": "quarter"}),
        ("m", "commitment", {"of": ["p"], "minimum": "10.00"}),
    )
    assert [one.amount.minor for one in found if one.line == "m"] == [1000, 1000, 100]


def test_a_minimum_for_a_part_of_a_cycle_says_which_part() -> None:
    starting = replace(JULY, starts_on=date(2026, 7, 15))
    part, whole = charged(date(2026, 9, 1), ("m", "commitment", {"minimum": "31.00"}), of=starting)
    assert part.reason[1:] == ("2026-07-15..2026-07-31 of 2026-07, prorated 17/31 by actual_days",)
    assert (part.amount.minor, len(whole.reason)) == (1700, 1)


def test_a_percentage_over_two_tax_categories_is_one_piece_of_each_at_its_share() -> None:
    found = charged(
        date(2026, 8, 1),
        ("a", "fixed", {"unit_price": "0.01"}),
        ("b", "fixed", {"unit_price": "0.03", "tax_category": "reduced"}),
        ("p", "percentage", {"of": ["a", "b"], "percent": "1000"}),
    )
    assert [(one.tax_category, one.quantity, str(one.unit_price)) for one in found[2:]] == [
        (None, 1, "0.10"),
        ("reduced", 1, "0.30"),
    ]


def test_a_cent_that_two_tax_categories_lack_alike_goes_to_the_clients_own() -> None:
    found = charged(
        date(2026, 8, 1),
        ("a", "fixed", {"unit_price": "5.00", "tax_category": "Export"}),
        ("b", "fixed", {"unit_price": "5.00"}),
        ("d", "discount", {"amount": "0.01"}),
    )
    assert [(one.tax_category, one.amount.minor) for one in found[2:]] == [(None, -1)]


def test_a_discount_is_taxed_and_earned_as_what_it_lessens() -> None:
    """A quarter of 91 days billed ahead: what it earns by each month is exact to the cent."""
    quarter = {"unit_price": "9.99", "cycle": "quarter", "timing": "advance"}
    starting = replace(JULY, starts_on=date(2026, 4, 1))
    named = lines(
        ("f", "fixed", {**quarter, "tax_category": "reduced"}),
        ("d", "discount", {"percent": "50"}),
    )
    found = price(Facts(starting, tuple(named)), date(2026, 4, 2), SHIPPED, book("EUR"))
    fee, off = found.charges
    assert (off.tax_category, off.deferred, off.account) == ("reduced", True, fee.account)
    assert (off.amount.minor, off.unit, off.group) == (-500, "EUR", "d")
    assert [
        (one.line, one.basis, str(one.month), one.amount.minor, one.account)
        for one in found.earnings
        if one.line != "f"
    ] == [
        ("d", "discount:f:fee:2026-04-01", "2026-04", -165, "Income:Fixed"),
        ("d", "discount:f:fee:2026-04-01", "2026-05", -170, "Income:Fixed"),
        ("d", "discount:f:fee:2026-04-01", "2026-06", -165, "Income:Fixed"),
    ]


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        ("commitment", {"minimum": "100", "tax_category": "reduced"}),
        ("commitment", {"cap": "100", "tax_category": "reduced"}),
        ("commitment", {"minimum": "100", "cap": "100"}),
    ],
)
def test_a_commitment_that_is_met_exactly_charges_nothing(
    model: str, terms: dict[str, object]
) -> None:
    assert len(charged(date(2026, 8, 1), ("f", "fixed", FEE), ("a", model, terms))) == 1


@pytest.mark.parametrize(
    ("bound", "reason", "unit"),
    [
        ({}, ("8 % of 100.00 EUR",), "EUR"),
        ({"minimum": "8", "maximum": "8"}, ("8 % of 100.00 EUR",), "EUR"),
        ({"minimum": "9"}, ("8 % of 100.00 EUR", "at least 9 per month"), "month"),
        ({"maximum": "7"}, ("8 % of 100.00 EUR", "at most 7 per month"), "month"),
    ],
)
def test_a_percentage_says_its_bound_where_that_decides(
    bound: dict[str, object], reason: tuple[str, ...], unit: str
) -> None:
    _, found = charged(
        date(2026, 8, 1), ("f", "fixed", FEE), ("p", "percentage", {"percent": "8", **bound})
    )
    assert (found.reason, found.unit) == (reason, unit)


def test_a_model_that_names_no_lines_stands_on_all_that_stand_on_none() -> None:
    def levy(line: LineFacts) -> Iterator[Charge]:
        for one in line.others:
            basis = f"levy:{one.line}"
            due = one.amount.amount / 10
            yield line.charge(basis, one.service, "Levy", Decimal(1), "", due, due, (), "Income:A")

    models = {**SHIPPED, "levy": ChargeModel("levy", LineTerms, "over_lines", levy)}
    own = lines(("a", "fixed", FEE), ("d", "discount", {"percent": "50"}), ("l", "levy", {}))
    found = price(Facts(JULY, tuple(own)), date(2026, 8, 1), models, book("EUR")).charges
    assert [(one.basis, one.amount.minor) for one in found if one.line == "l"] == [("levy:a", 1000)]


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        ("commitment", {"cap": "8", "cycle": "week"}),
        ("commitment", {"cap": "8", "cycle": "day"}),
        ("commitment", {"cap": "8", "anchor_day": 3}),
        ("commitment", {"cap": "0"}),
        ("commitment", {"cap": "0", "minimum": "0"}),
        ("discount", {"percent": "100"}),
        ("percentage", {"percent": "0.5", "minimum": "1", "maximum": "1"}),
        ("percentage", {"percent": "1000"}),
    ],
)
def test_terms_at_the_edge_are_no_contradiction(model: str, terms: dict[str, object]) -> None:
    read_lines(JULY, lines(("f", "fixed", FEE), ("a", model, terms)), SHIPPED)
