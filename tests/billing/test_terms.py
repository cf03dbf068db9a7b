"""Terms: what fits is read, what does not is a sentence that names the term."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from tallystick.billing.charges import Covers, LineTerms
from tallystick.billing.models import SHIPPED
from tallystick.errors import SkipRecord
from tallystick.records import ContractLine

PREPAID = {"hours": "10", "unit_price": "800", "rate_card": "standard"}


def read(model: str, terms: dict[str, Any]) -> LineTerms:
    line = ContractLine(id="L7", contract="C", description="Line", model=model, terms=terms)
    return SHIPPED[model].read_terms(line)


def test_decimals_come_as_text_or_decimal() -> None:
    assert read("fixed", {"unit_price": "99.50"}) == read("fixed", {"unit_price": Decimal("99.50")})


@pytest.mark.parametrize(
    ("model", "terms", "works"),
    [
        ("fixed", {"unit_price": "1"}, ()),
        ("per_unit", {"unit_price": "1", "asset_types": ["*"]}, ()),
        ("per_incident", {"unit_price": "1"}, ()),
        ("prepaid_hours", PREPAID, ("*",)),
        ("time_and_materials", {"rate_card": "standard"}, ("*",)),
    ],
)
def test_fees_take_no_work_and_hours_take_all_unless_the_terms_say(
    model: str, terms: dict[str, Any], works: tuple[str, ...]
) -> None:
    assert read(model, terms).work_types == works
    assert read(model, {**terms, "work_types": ["remote"]}).work_types == ("remote",)


@pytest.mark.parametrize(
    ("model", "terms", "names"),
    [
        ("fixed", {}, "unit_price"),
        ("fixed", {"unit_price": "12,50"}, "unit_price"),
        ("fixed", {"unit_price": "1", "colour": "red"}, "colour"),
        ("fixed", {"unit_price": "1", "cycle": "fortnight"}, "cycle"),
        ("fixed", {"unit_price": "1", "proration": "by_moon"}, "proration"),
        ("fixed", {"unit_price": "1", "every": 0}, "every"),
        ("fixed", {"unit_price": "1", "every": -1}, "every"),
        ("fixed", {"unit_price": "1", "anchor_day": 32}, "anchor_day"),
        ("fixed", {"unit_price": "1", "timing": "late"}, "timing"),
        ("fixed", {"unit_price": "1", "align": "moon"}, "align"),
        (
            "fixed",
            {"unit_price": "1", "cycle": "week", "anchor_day": 1},
            "anchor_day is a day of the month, and the cycle is the week",
        ),
        ("fixed", {"unit_price": "NaN"}, "unit_price NaN is not a plausible figure"),
        ("fixed", {"unit_price": "-Infinity"}, "unit_price -Infinity is not"),
        ("fixed", {"unit_price": "1e13"}, "unit_price 1E[+]13 is not a plausible figure"),
        ("fixed", {"unit_price": "1e-999999"}, "unit_price 1E-999999 is not"),
        ("fixed", {"unit_price": "1", "quantity": "1e400"}, "quantity 1E[+]400 is not"),
        ("per_unit", {"unit_price": "1"}, "asset_types"),
        ("per_unit", {"unit_price": "1", "asset_types": "server"}, "asset_types"),
        ("time_and_materials", {}, "rate_card"),
        ("per_incident", {"unit_price": "1", "sla_credit_percent": "100.01"}, "between 0 and 100"),
        ("per_incident", {"unit_price": "1", "sla_credit_percent": "-1"}, "between 0 and 100"),
        ("per_incident", {"unit_price": "1e99"}, "unit_price 1E[+]99"),
        ("prepaid_hours", {**PREPAID, "hours": "0"}, "hours must be more than 0"),
        ("prepaid_hours", {**PREPAID, "hours": "1e20"}, "hours 1E[+]20"),
        ("prepaid_hours", {**PREPAID, "unit_price": "-1"}, "unit_price at least 0"),
        ("prepaid_hours", {**PREPAID, "rollover_periods": -1}, "rollover_periods"),
        ("prepaid_hours", {**PREPAID, "rollover_periods": 10**9}, "rollover_periods"),
    ],
)
def test_terms_that_do_not_fit(model: str, terms: dict[str, Any], names: str) -> None:
    with pytest.raises(SkipRecord, match=names) as caught:
        read(model, terms)
    sentence = str(caught.value)
    assert sentence.startswith(f"The terms of charge model {model} do not fit: ")
    assert sentence.endswith(
        "(contract_line L7) Correct the contract line at its source or its mapping."
    )


def test_what_the_terms_leave_out() -> None:
    common = {"work_types": (), "covers": Covers(), "tax_category": None}
    price = Decimal(1)
    recurring = {
        **common,
        "unit_price": price,
        "tiers": None,
        "cycle": "month",
        "every": 1,
        "align": "calendar",
        "anchor_day": None,
        "timing": "arrears",
        "proration": "actual_days",
    }
    assert structs.asdict(read("fixed", {"unit_price": "1"})) == {**recurring, "quantity": 1}
    assert structs.asdict(read("per_unit", {"unit_price": "1", "asset_types": ["*"]})) == {
        **recurring,
        "count_of": "assets",
        "asset_types": ("*",),
        "user_types": (),
        "groups": (),
        "tags": (),
        "statuses": (),
        "products": (),
        "quantity": 0,
        "counted": "period_end",
        "minimum_quantity": 0,
        "included_quantity": 0,
    }
    assert structs.asdict(read("per_incident", {"unit_price": "1"})) == {
        **common,
        "unit_price": price,
        "prices": (),
        "priorities": ("*",),
        "ticket_types": ("*",),
        "included": 0,
        "cycle": "month",
        "sla_credit_percent": 0,
    }
    assert structs.asdict(read("prepaid_hours", PREPAID)) == {
        "work_types": ("*",),
        "covers": Covers(),
        "tax_category": None,
        "hours": 10,
        "unit_price": 800,
        "cycle": "month",
        "rollover_periods": 0,
        "rate_card": "standard",
    }


def test_whole_numbers_come_as_text_too() -> None:
    assert read("prepaid_hours", {**PREPAID, "rollover_periods": "2"}) == read(
        "prepaid_hours", {**PREPAID, "rollover_periods": 2}
    )


def test_the_edges_are_allowed() -> None:
    read("fixed", {"unit_price": "-999999999999.99", "quantity": "0"})
    read("fixed", {"unit_price": "0.000000000001"})
    read("per_incident", {"unit_price": "1", "sla_credit_percent": "100"})
    read("prepaid_hours", {**PREPAID, "unit_price": "0", "rollover_periods": 120})
