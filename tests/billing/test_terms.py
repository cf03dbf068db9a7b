"""Terms: what fits is read, what does not is a sentence that names the term."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from tallystick.billing.charges import Covers, LineTerms
from tallystick.billing.models import SHIPPED
from tallystick.billing.routing import Terms, read_lines
from tallystick.billing.schedule.pauses import contract_terms
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine

PREPAID = {"quantity": "10", "unit_price": "800", "rate_card": "standard"}


TIERED = {"tiers": {"mode": "package", "package_size": "1", "package_price": "1"}}


def stepped(*steps: dict[str, str]) -> dict[str, Any]:
    return {"unit_price": "1", "steps": list(steps)}


def uplifted(**uplift: object) -> dict[str, Any]:
    return {"unit_price": "1", "uplift": {"since": "2026-07-01", **uplift}}


def idle(name: str, *spans: tuple[str, ...]) -> dict[str, Any]:
    return {
        "unit_price": "1",
        name: [dict(zip(("since", "until"), span, strict=False)) for span in spans],
    }


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
        ("prepaid", PREPAID, ("*",)),
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
        ("fixed", {"unit_price": "1", "cycle": "day", "anchor_day": 1}, "and the cycle is the day"),
        ("fixed", {"unit_price": "1", "timing": "late"}, "timing"),
        ("fixed", {"unit_price": "1", "align": "moon"}, "align"),
        (
            "fixed",
            {"unit_price": "1", "cycle": "week", "anchor_day": 1},
            "anchor_day is a day of the month, and the cycle is the week",
        ),
        ("fixed", stepped({"since": "2026-01-01"}), "changes neither unit_price nor quantity"),
        (
            "fixed",
            stepped(
                {"since": "2026-02-01", "quantity": "2"}, {"since": "2026-02-01", "unit_price": "2"}
            ),
            "there are two steps on 2026-02-01",
        ),
        (
            "fixed",
            stepped(
                {"since": "2026-02-01", "quantity": "2"}, {"since": "2026-01-31", "quantity": "3"}
            ),
            "the step of 2026-01-31 comes after that of 2026-02-01",
        ),
        ("fixed", stepped({"since": "2026-02-01", "quantity": "1e20"}), "1E[+]20 in the step of"),
        (
            "per_unit",
            {**stepped({"since": "2026-02-01", "quantity": "2"}), "asset_types": ["*"]},
            "steps set a quantity, and assets are counted",
        ),
        (
            "fixed",
            {**TIERED, "steps": [{"since": "2026-02-01", "unit_price": "2"}]},
            "sets a unit_price beside tiers",
        ),
        ("fixed", {**TIERED, "uplift": {"since": "2026-02-01", "percent": "2"}}, "has tiers"),
        ("fixed", uplifted(), "goes by percent or by index"),
        ("fixed", uplifted(percent="2", index="cpi", base="2026-01"), "by percent or by index"),
        ("fixed", uplifted(index="cpi"), "needs the base month"),
        ("fixed", uplifted(index="cpi", base="2026-13"), "base"),
        ("fixed", uplifted(percent="2", lag_months=1), "go with an index"),
        ("fixed", uplifted(percent="2", cap_percent="1"), "go with an index"),
        ("fixed", uplifted(percent="-100"), "uplift of -100 percent is not a plausible"),
        ("fixed", uplifted(percent="1001"), "uplift of 1001 percent is not a plausible"),
        (
            "fixed",
            uplifted(index="cpi", base="2026-01", floor_percent="3", cap_percent="2"),
            "floor_percent 3 is above cap_percent 2",
        ),
        ("fixed", {"unit_price": "1", "trial_days": -1}, "trial_days"),
        ("fixed", idle("pauses", ("2026-02-01", "2026-02-01")), "is not after since 2026-02-01"),
        (
            "fixed",
            idle("free", ("2026-02-01", "2026-03-01"), ("2026-02-28", "2026-04-01")),
            "free from 2026-02-28 begins before the one from 2026-02-01 is over",
        ),
        (
            "fixed",
            idle("pauses", ("2026-02-01",), ("2026-03-01",)),
            "pauses from 2026-03-01 begins",
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
        ("prepaid", {**PREPAID, "quantity": "0"}, "quantity must be more than 0"),
        ("prepaid", {**PREPAID, "quantity": "1e20"}, "quantity 1E[+]20"),
        ("prepaid", {**PREPAID, "unit_price": "-1"}, "unit_price at least 0"),
        ("prepaid", {**PREPAID, "rollover_periods": -1}, "rollover_periods"),
        ("prepaid", {**PREPAID, "rollover_periods": 10**9}, "rollover_periods"),
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
        "trial_days": 0,
        "free": (),
        "pauses": (),
        "steps": (),
        "uplift": None,
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
    assert structs.asdict(read("prepaid", PREPAID)) == {
        "work_types": ("*",),
        "covers": Covers(),
        "tax_category": None,
        "quantity": 10,
        "unit_price": 800,
        "unit": "hours",
        "cycle": "month",
        "every": 1,
        "align": "calendar",
        "anchor_day": None,
        "bought": "every_cycle",
        "rollover_periods": 0,
        "expires_after": None,
        "rate_card": "standard",
        "weights": {},
        "drawn_per": "hour",
        "overage": "rate",
        "bands": (),
        "top_up": None,
        "shared": False,
    }


def test_whole_numbers_come_as_text_too() -> None:
    assert read("prepaid", {**PREPAID, "rollover_periods": "2"}) == read(
        "prepaid", {**PREPAID, "rollover_periods": 2}
    )


def test_the_edges_are_allowed() -> None:
    read("fixed", {"unit_price": "-999999999999.99", "quantity": "0"})
    read("fixed", {"unit_price": "0.000000000001"})
    read("per_incident", {"unit_price": "1", "sla_credit_percent": "100"})
    read("prepaid", {**PREPAID, "unit_price": "0", "rollover_periods": 120})
    read("prepaid", {**PREPAID, "every": 120, "rollover_periods": 9})
    read("fixed", uplifted(percent="1000"))
    read("fixed", uplifted(index="cpi", base="2026-01", floor_percent="2", cap_percent="2"))


def agreed(terms: dict[str, Any], /, **contract: Any) -> Terms:
    """A contract from 2026-01-15 with a fixed line of these terms from 2026-02-01."""
    line = {"starts_on": date(2026, 2, 1), **contract.pop("line", {})}
    return read_lines(
        Contract(
            **{
                "id": "C",
                "client": "K",
                "name": "C",
                "currency": "EUR",
                "starts_on": date(2026, 1, 15),
                **contract,
            }
        ),
        [
            ContractLine(
                id="L7", contract="C", description="Line", model="fixed", terms=terms, **line
            )
        ],
        SHIPPED,
    )


ONE = {"unit_price": "1"}


@pytest.mark.parametrize(
    ("terms", "dates", "names"),
    [
        (stepped({"since": "2026-01-31", "quantity": "2"}), {}, "2026-01-31 is before 2026-02-01"),
        (
            {**idle("free", ("2026-02-10", "2026-02-20")), "trial_days": 10},
            {},
            "free from 2026-02-10 begins within the trial until 2026-02-11",
        ),
        (
            idle("pauses", ("2026-01-20", "2026-02-01")),
            {},
            "pauses until 2026-02-01 is over before",
        ),
        (idle("free", ("2026-01-20", "2026-02-01")), {}, "free until 2026-02-01 is over before"),
        (ONE, {"ends_on": date(2026, 1, 14)}, "starts on 2026-01-15 and ends before that"),
        (ONE, {"line": {"ends_on": date(2026, 1, 31)}}, "starts on 2026-02-01 and ends before"),
        (ONE, {"terms": {"pause": []}}, "terms of the contract do not fit: .*`pause`"),
        (
            ONE,
            {"terms": {"pauses": [{"since": "2026-02-01"}, {"since": "2026-03-01"}]}},
            "pauses from 2026-03-01 begins before the one from 2026-02-01 is over",
        ),
    ],
)
def test_terms_that_contradict_the_dates(
    terms: dict[str, Any], dates: dict[str, Any], names: str
) -> None:
    with pytest.raises(SkipRecord, match=names):
        agreed(terms, **dates)


@pytest.mark.parametrize(
    ("terms", "dates"),
    [
        (stepped({"since": "2026-02-01", "quantity": "2"}), {}),
        ({**idle("free", ("2026-02-11", "2026-02-20")), "trial_days": 10}, {}),
        (idle("pauses", ("2026-01-20", "2026-02-02"), ("2026-02-02",)), {}),
        (ONE, {"ends_on": date(2026, 1, 15)}),
        (ONE, {"terms": {"pauses": [{"since": "2020-01-01"}]}}),
    ],
)
def test_terms_at_the_edge_of_the_dates(terms: dict[str, Any], dates: dict[str, Any]) -> None:
    assert agreed(terms, **dates).lines


def test_what_a_contract_cannot_say_names_the_contract() -> None:
    contract = Contract(
        id="C9",
        client="K",
        name="Care",
        currency="EUR",
        starts_on=date(2026, 1, 1),
        terms={"pauses": 1},
    )
    with pytest.raises(SkipRecord) as caught:
        contract_terms(contract)
    assert (caught.value.record, caught.value.ref) == ("contract", "C9")
