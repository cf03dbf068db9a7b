"""What every charge model books: the basis it is billed once by, its unit and its account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.facts import Facts, Incident, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.records import Asset, Contract, ContractLine, Usage

CONTRACT = Contract(id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 7, 1))
RATES = (Rate(Decimal(100)), Rate(call_out=Decimal(30)))
BOOK = PriceBook({"card": RateCard("card", "EUR", RATES)})
FEE = ContractLine(
    id="F", contract="C", description="F", model="fixed", terms={"unit_price": "100"}
)
WORK = Work("psa:1", date(2026, 7, 3), 3600, work_type="remote", ticket="t")
FACTS: dict[str, Any] = {
    "works": (WORK,),
    "incidents": (
        Incident("psa:t", date(2026, 7, 3), sla_met=False),
        Incident("psa:u", date(2026, 7, 4)),
    ),
    "assets": (Asset(id="a", name="pc"),),
    "usages": (
        Usage(
            id="u",
            client="K",
            meter="backup",
            quantity=Decimal(5),
            used_on=date(2026, 7, 9),
            cost=Decimal(8),
            currency="EUR",
        ),
    ),
    "completed": {"psa:t": date(2026, 7, 3)},
}
OF_ALL: dict[str, Any] = {"of": ["*"]}
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "fixed",
        {"unit_price": "9", "cycle": "week", "every": 2},
        [
            "fee:2026-06-29: 1 2 weeks x 9 = 7.71 EUR, Income:Fixed",
            "fee:2026-07-13: 1 2 weeks x 9 = 9.00 EUR, Income:Fixed",
        ],
    ),
    (
        "per_unit",
        {"unit_price": "5", "asset_types": ["*"]},
        ["units:2026-07-01: 1 device x 5 = 5.00 EUR, Income:PerUnit"],
    ),
    (
        "time_and_materials",
        {"rate_card": "card"},
        [
            "booking:psa:1: 1 hour x 100 = 100.00 EUR, Income:Time",
            "booking:psa:1:call-out: 1 call-out x 30 = 30.00 EUR, Income:Time",
        ],
    ),
    (
        "usage",
        {"meters": ["*"], "unit_price": "2", "unit": "GB"},
        ["usage:2026-07-01: 5 GB x 2 = 10.00 EUR, Income:Usage"],
    ),
    (
        "usage",
        {"meters": ["backup"], "markup_percent": "25"},
        ["usage:2026-07-01: 1 month x 10.00 = 10.00 EUR, Income:Usage"],
    ),
    (
        "per_incident",
        {"unit_price": "10", "sla_credit_percent": "50"},
        [
            "ticket:psa:t: 1 incident x 10 = 10.00 EUR, Income:Incident",
            "sla:psa:t: 1 incident x -5 = -5.00 EUR, Income:Incident",
            "ticket:psa:u: 1 incident x 10 = 10.00 EUR, Income:Incident",
        ],
    ),
    (
        "prepaid",
        {"unit": "money", "quantity": "50", "unit_price": "40", "rate_card": "card"},
        [
            "prepaid:2026-07-01: 1 package x 40.00 = 40.00 EUR, Liabilities:Deferred",
            "booking:psa:1: 0.5 hour x 100 = 50.00 EUR, Income:Time",
            "booking:psa:1:call-out: 1 call-out x 30 = 30.00 EUR, Income:Time",
            "prepaid:2026-07-01: 40.00 EUR earned in 2026-07, Income:Prepaid",
        ],
    ),
    (
        "retainer",
        {"unit_price": "50", "rate_card": "card"},
        [
            "retainer:2026-07-01: 1 package x 50.00 = 50.00 EUR, Liabilities:Deferred",
            "booking:psa:1: 0.5 hour x 100 = 50.00 EUR, Income:Time",
            "booking:psa:1:call-out: 1 call-out x 30 = 30.00 EUR, Income:Time",
            "retainer:2026-07-01: 50.00 EUR earned in 2026-07, Income:Retainer",
        ],
    ),
    (
        "retainer",
        {"unit_price": "50", "rate_card": "card", "timing": "arrears"},
        [
            "retainer:2026-07-01: 1 retainer x 50.00 = 50.00 EUR, Income:Retainer",
            "booking:psa:1: 0.5 hour x 100 = 50.00 EUR, Income:Time",
            "booking:psa:1:call-out: 1 call-out x 30 = 30.00 EUR, Income:Time",
        ],
    ),
    (
        "one_off",
        {"unit_price": "7", "quantity": "2", "on": "2026-07-05"},
        ["one_off: 2 piece x 7 = 14.00 EUR, Income:OneOff"],
    ),
    (
        "one_off",
        {"milestones": [{"name": "M", "amount": "7", "ticket": "t"}]},
        ["milestone:M: 1 piece x 7 = 7.00 EUR, Income:OneOff"],
    ),
    (
        "percentage",
        {**OF_ALL, "percent": "10"},
        ["percentage:2026-07-01: 100.00 EUR x 0.1 = 10.00 EUR, Income:Percentage"],
    ),
    (
        "percentage",
        {**OF_ALL, "percent": "10", "minimum": "20"},
        ["percentage:2026-07-01: 1 month x 20.00 = 20.00 EUR, Income:Percentage"],
    ),
    (
        "percentage",
        {**OF_ALL, "percent": "10", "maximum": "5"},
        ["percentage:2026-07-01: 1 month x 5.00 = 5.00 EUR, Income:Percentage"],
    ),
    (
        "discount",
        {**OF_ALL, "percent": "10"},
        ["discount:F:fee:2026-07-01: 100.00 EUR x -0.1 = -10.00 EUR, Income:Fixed"],
    ),
    (
        "discount",
        {**OF_ALL, "amount": "10"},
        ["discount:2026-07-01: 1 month x -10.00 = -10.00 EUR, Income:Discount"],
    ),
    (
        "commitment",
        {**OF_ALL, "minimum": "150"},
        ["commitment:2026-07-01: 1 month x 50.00 = 50.00 EUR, Income:Commitment"],
    ),
    (
        "commitment",
        {**OF_ALL, "cap": "50"},
        ["commitment:2026-07-01: 1 month x -50.00 = -50.00 EUR, Income:Commitment"],
    ),
]


@pytest.mark.parametrize(("model", "terms", "booked"), CASES)
def test_basis_quantity_unit_price_and_account(
    model: str, terms: dict[str, Any], booked: list[str]
) -> None:
    line = ContractLine(id="L", contract="C", description="Line", model=model, terms=terms)
    found = price(Facts(CONTRACT, (FEE, line), **FACTS), date(2026, 8, 1), SHIPPED, BOOK)
    assert [
        f"{one.basis}: {one.quantity} {one.unit} x {one.unit_price} = {one.amount}, {one.account}"
        for one in found.charges
        if one.line == "L"
    ] + [
        f"{one.basis}: {one.amount} earned in {one.month}, {one.account}" for one in found.earnings
    ] == booked
    assert all(
        one.deferred == (one.account == "Liabilities:Deferred")
        for one in found.charges
        if one.line == "L"
    )


def test_every_model_is_here() -> None:
    assert {model for model, *_ in CASES} == set(SHIPPED)
