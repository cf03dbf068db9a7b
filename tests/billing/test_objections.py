"""Objections: each rule where it begins to speak and one step before, with its figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.charges import Charge, Placement
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.proposal import Objection, Proposal, compose
from tallystick.billing.invoice.review import RULES, review
from tallystick.billing.objections import agreement, amounts, history, unfinished
from tallystick.billing.objections.case import Case
from tallystick.billing.tax.rates import Taxing, TaxRate
from tallystick.money import Money
from tallystick.period import month
from tallystick.records import Contract

JULY = month(2026, 7)
FEE = Charge(
    contract="C",
    line="L",
    basis="fee:2026-07-01",
    service=JULY,
    group="Care",
    quantity=Decimal(1),
    unit="month",
    unit_price=Decimal(100),
    amount=Money(10_000, "EUR"),
    account="Income:Fixed",
    reason=("a month",),
)


def eur(euros: int) -> Money:
    return Money(euros * 100, "EUR")


def proposal(net: int = 100) -> Proposal:
    due = Due(replace(FEE, amount=eur(net)))
    return compose("K", "EUR", JULY, [due], Taxing([TaxRate("standard", Decimal(0))]))


def said(found: Any) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in found]


def of_history(net: int, *before: int, percent: int = 50, already: int | None = None) -> Case:
    return Case(
        proposal(net),
        history=[eur(one) for one in before],
        same_period=None if already is None else eur(already),
        deviation_percent=Decimal(percent),
    )


def test_nothing_is_said_of_an_ordinary_proposal() -> None:
    assert review(Case(proposal(), charges=[FEE], history=[eur(100)] * 6)) == []
    assert len(RULES) == len(set(RULES))


@pytest.mark.parametrize(
    ("net", "before", "held"),
    [
        (151, (100, 100, 100), False),
        (151, (100, 100, 100, 100), True),
        (150, (100, 100, 100, 100), False),
        (49, (100, 100, 100, 100), True),
        (50, (100, 100, 100, 100), False),
        (151, (100, 100, 100, 9_000), True),
        (151, (60, 140, 80, 120, 100), False),
        (400, (60, 140, 80, 120, 100), True),
        (1, (0, 0, 0, 0), True),
        (0, (0, 0, 0, 0), False),
    ],
)
def test_deviation_from_the_clients_own_history(
    net: int, before: Sequence[int], held: bool
) -> None:
    assert said(history.deviation(of_history(net, *before))) == [("deviation", "hold")] * held


def test_deviation_says_its_figures() -> None:
    [one] = history.deviation(of_history(40, 100, 90, 110, 100, 1_000))
    assert one.what == (
        "40.00 EUR net for 2026-07 is far from 100.00 EUR, the median of the last 5 periods, -60 %."
    )
    assert list(history.deviation(of_history(40, 100, 100, 100, 100, percent=60))) == []


def test_what_was_billed_for_the_same_period_counts_too() -> None:
    """A late booking after the month's invoice is no small month."""
    before = (100, 100, 100, 100)
    assert said(history.deviation(of_history(10, *before))) == [("deviation", "hold")]
    assert said(history.deviation(of_history(10, *before, already=100))) == []
    assert said(history.deviation(of_history(60, *before, already=100))) == [("deviation", "hold")]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=13))
def test_median_and_deviation_against_a_count(minors: list[int]) -> None:
    middle, spread = history.median_and_deviation(minors)
    below = sum(one < middle for one in minors)
    above = sum(one > middle for one in minors)
    assert below <= len(minors) / 2 and above <= len(minors) / 2
    assert spread == median(abs(Fraction(one) - middle) for one in minors)


def test_a_first_invoice_is_noted() -> None:
    [one] = history.first_invoice(Case(proposal(), first=True))
    assert (one.code, one.severity) == ("first_invoice", "note")
    assert list(history.first_invoice(Case(proposal()))) == []


def counted(quantity: int, price: str = "10", **more: Any) -> Case:
    charge = replace(
        FEE, quantity=Decimal(quantity), unit_price=Decimal(price), amount=eur(quantity * 10)
    )
    return Case(proposal(), charges=[replace(charge, **more)], billed_lines={"L": eur(500)})


def test_quantities_of_nothing_and_less() -> None:
    [zero] = amounts.quantities(counted(0))
    assert (zero.code, zero.severity) == ("zero_quantity", "hold")
    assert zero.what == "Care counts nothing (L), and was billed 500.00 EUR before."
    assert said(amounts.quantities(counted(-1))) == [("negative_quantity", "hold")]
    assert said(amounts.quantities(Case(proposal(), charges=counted(0).charges))) == [
        ("zero_quantity", "note")
    ]


@pytest.mark.parametrize(
    "case",
    [
        counted(1),
        counted(0, price="0"),
        counted(0, basis="booking:7"),
        counted(0, service=month(2026, 6)),
    ],
)
def test_quantities_that_are_meant(case: Case) -> None:
    assert list(amounts.quantities(case)) == []


@pytest.mark.parametrize(
    ("net", "before", "held"),
    [(-100, 100, False), (-101, 100, True), (-1, None, True), (100, None, False)],
)
def test_more_given_back_than_billed(net: int, before: int | None, held: bool) -> None:
    billed = {} if before is None else {"C": eur(before)}
    found = amounts.negative_balance(Case(proposal(net), billed=billed))
    assert said(found) == [("negative_balance", "hold")] * held


def agreed(**more: Any) -> Contract:
    plain: dict[str, Any] = {"client": "K", "name": "Care", "currency": "EUR"}
    return Contract(id="C", starts_on=date(2026, 1, 1), **(plain | more))


@pytest.mark.parametrize(
    ("allowed", "invoiced", "expected"),
    [
        (1_000, 0, []),
        (1_000, 700, []),
        (1_000, 701, [("order_low", "note")]),
        (1_000, 900, [("order_low", "note")]),
        (1_000, 901, [("order_exhausted", "hold")]),
    ],
)
def test_orders(allowed: int, invoiced: int, expected: list[tuple[str, str]]) -> None:
    contract = agreed(po_number="4711", po_amount=Decimal(allowed))
    case = Case(proposal(), contracts=[contract], on_order={"C": eur(invoiced)})
    assert said(agreement.order(case)) == expected


def test_a_credit_on_an_exhausted_order_may_go_out() -> None:
    contract = agreed(po_amount=Decimal(100))
    case = Case(proposal(-10), contracts=[contract], on_order={"C": eur(150)})
    assert said(agreement.order(case)) == [("order_low", "note")]


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ({}, False),
        ({"ends_on": date(2026, 7, 31)}, False),
        ({"ends_on": date(2026, 8, 1)}, True),
        ({"ends_on": date(2026, 9, 30)}, True),
        ({"ends_on": date(2026, 10, 1)}, False),
        ({"cancelled_on": date(2026, 7, 15), "notice_days": 30}, True),
    ],
)
def test_a_contract_that_ends_soon(terms: dict[str, Any], ends: bool) -> None:
    found = agreement.ending(Case(proposal(), contracts=[agreed(**terms)]))
    assert said(found) == [("contract_ending", "note")] * ends


def held(ref: str, why: str) -> Placement:
    return Placement(ref, "held", None, 3600, 0, ("line L passes", why))


def test_held_work_by_what_it_wants() -> None:
    case = Case(
        proposal(),
        held=[
            held("1", "rate card standard has no rate for onsite"),
            held("2", "there is no rate card 'x' in EUR"),
            held("3", "it waits for approval in the service desk"),
            held("4", "no line of the contract takes it"),
        ],
        unapproved=frozenset({"3", "5"}),
    )
    found: list[Objection] = list(unfinished.held_work(case))
    assert said(found) == [
        ("missing_rate", "hold"),
        ("unapproved_time", "note"),
        ("held_work", "note"),
    ]
    assert [one.what[:19] for one in found] == [
        "2 bookings (2:00 h)",
        "1 booking (1:00 h) ",
        "1 booking (1:00 h) ",
    ]


def test_every_objection_is_described() -> None:
    """Each code the sources give stands in the table of docs/cycle.md, and no other."""
    root = Path(__file__).resolve().parents[2]
    core = root / "core" / "tallystick"
    sources = [*core.glob("billing/objections/*.py"), core / "billing/invoice/write_down.py"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    codes = set(re.findall(r'Objection\(\s*"(\w+)"', text)) | {
        "unreadable_contract",
        "currency_changed",
    }
    page = (root / "docs" / "cycle.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| (?:hold|note)", page, re.MULTILINE)) == codes
