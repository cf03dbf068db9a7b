"""Call-out fees beyond a balance: what the card says, once a booking; drawn work pays none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window
from tallystick.records import Contract, ContractLine

EVENING = Window(since="18:00")
RATES = (
    Rate(Decimal(100)),
    Rate(multiplier=Decimal(2), hours=EVENING),
    Rate(call_out=Decimal(30), hours=EVENING),
)
BOOK = PriceBook({"card": RateCard("card", "EUR", RATES, increment_s=3600)})
CONTRACT = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1))
BLOCK = {"quantity": "1", "unit_price": "90", "rate_card": "card"}
BANDS = {"overage": "bands", "bands": [{"unit_price": "80"}]}


def charged(hour: int, minutes: int, *lines: tuple[str, dict[str, Any]]) -> list[str]:
    """What a visit that begins at `hour` comes to, without the packages."""
    work = Work(
        "1", date(2026, 7, 3), minutes * 60, started_at=datetime(2026, 7, 3, hour, tzinfo=UTC)
    )
    own = [
        ContractLine(id=f"L{n}", contract="C", description="L", model=model, terms=terms)
        for n, (model, terms) in enumerate(lines)
    ]
    pricing = price(Facts(CONTRACT, tuple(own), (work,)), date(2026, 8, 1), SHIPPED, BOOK)
    return [said(one) for one in pricing.charges if not one.deferred]


def said(one: Charge) -> str:
    return f"{one.line} {one.basis.removeprefix('booking:')} {one.amount.amount}"


@pytest.mark.parametrize(
    ("hour", "minutes", "terms", "comes_to"),
    [
        (18, 60, BLOCK, []),
        (18, 120, BLOCK, ["L0 1 200.00", "L0 1:call-out 30.00"]),
        (9, 120, BLOCK, ["L0 1 100.00"]),
        (17, 180, BLOCK, ["L0 1 400.00", "L0 1:call-out 30.00"]),
        (16, 180, BLOCK, ["L0 1 100.00", "L0 1:2 200.00", "L0 1:call-out 30.00"]),
        (18, 30, {**BLOCK, "quantity": "0.5"}, ["L0 1 100.00"]),
        (18, 180, {**BLOCK, **BANDS}, ["L0 overage:2026-07-01:1 160.00"]),
        (18, 120, {**BLOCK, "overage": "refuse"}, []),
        (18, 120, {**BLOCK, "overage": "pass"}, []),
        (18, 120, {**BLOCK, "unit": "tokens"}, ["L0 1 200.00", "L0 1:call-out 30.00"]),
        (
            18,
            120,
            {**BLOCK, "unit": "money", "quantity": "250"},
            ["L0 1 150.00", "L0 1:call-out 30.00"],
        ),
    ],
)
def test_the_card_says_what_goes_beyond_costs(
    hour: int, minutes: int, terms: dict[str, Any], comes_to: list[str]
) -> None:
    assert charged(hour, minutes, ("prepaid", terms)) == comes_to


def test_a_retainer_charges_it_too() -> None:
    counsel = {"unit_price": "100", "rate_card": "card"}
    assert charged(18, 60, ("retainer", counsel)) == ["L0 1 100.00", "L0 1:call-out 30.00"]


@pytest.mark.parametrize(
    ("hour", "covered", "comes_to"),
    [
        (18, "19:00", ["L1 1 100.00", "L1 1:2 200.00", "L1 1:call-out 30.00"]),
        (16, "17:00", ["L1 1 50.00", "L1 1:2 200.00", "L1 1:call-out 30.00"]),
    ],
)
def test_a_booking_in_several_parts_pays_one_fee(
    hour: int, covered: str, comes_to: list[str]
) -> None:
    """A fee covers the hour in the middle; the block takes what is before and after it."""
    until = f"{hour + 2}:00"
    middle = {"hours": {"since": covered, "until": until}}
    fee = {"unit_price": "10", "work_types": ["*"], "covers": middle}
    found = charged(hour, 180, ("fixed", fee), ("prepaid", {**BLOCK, "quantity": "0.5"}))
    assert [one for one in found if one.startswith("L1 1")] == comes_to


def test_what_is_passed_on_pays_it_where_it_is_billed() -> None:
    passing = {**BLOCK, "overage": "pass"}
    hourly = {"rate_card": "card"}
    assert charged(18, 120, ("prepaid", passing), ("time_and_materials", hourly)) == [
        "L1 1 200.00",
        "L1 1:call-out 30.00",
    ]
