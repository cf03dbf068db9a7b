"""Charge models beyond their documented examples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms
from tallystick.billing.facts import Facts, Incident, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window
from tallystick.records import Asset, Contract, ContractLine

CONTRACT = Contract(id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 7, 1))
CARDS = {"card": RateCard("card", "EUR", (Rate(Decimal(100)),))}
SEPTEMBER = date(2026, 9, 1)


def priced(
    model: str,
    terms: Mapping[str, object],
    *,
    contract: Contract = CONTRACT,
    cards: Mapping[str, RateCard] = CARDS,
    **facts: object,
) -> Pricing:
    line = ContractLine(id="L", contract="C", description="Line", model=model, terms=dict(terms))
    return price(
        replace(Facts(contract, (line,)), **facts),  # type: ignore[arg-type]  # facts by field name
        SEPTEMBER,
        SHIPPED,
        PriceBook(cards),
    )


def test_incidents_are_counted_by_type_in_the_order_of_day_and_reference() -> None:
    tickets = [
        Incident("b", date(2026, 7, 2), type="fault"),
        Incident("a", date(2026, 7, 3), type="fault"),
        Incident("c", date(2026, 7, 2), type="fault"),
        Incident("d", date(2026, 7, 2), type="request"),
        Incident("e", date(2026, 7, 2)),
    ]
    terms = {"unit_price": "10", "ticket_types": ["fault"]}
    for order in permutations(tickets):
        charges = priced("per_incident", terms, incidents=order).charges
        assert [one.basis for one in charges] == ["ticket:b", "ticket:c", "ticket:a"]


def test_a_missed_service_level_costs_nothing_where_no_credit_is_agreed() -> None:
    missed = Incident("a", date(2026, 7, 3), sla_met=False)
    charges = priced("per_incident", {"unit_price": "10"}, incidents=(missed,)).charges
    assert [one.basis for one in charges] == ["ticket:a"]


def test_devices_are_counted_from_their_first_day_to_before_their_last() -> None:
    devices = (
        Asset(id="1", name="first", active_from=date(2026, 7, 31)),
        Asset(id="2", name="early", retired_on=date(2026, 7, 31)),
        Asset(id="3", name="late", active_from=date(2026, 8, 1)),
        Asset(id="4", name="always"),
    )
    july, august = priced(
        "per_unit", {"unit_price": "5", "asset_types": ["*"]}, assets=devices
    ).charges
    assert july.reason == (
        "2 devices of type * on 2026-07-31: always, first",
        "2 x 5 per month",
    )
    assert august.reason == (
        "3 devices of type * on 2026-08-31: always, first, late",
        "3 x 5 per month",
    )


def test_no_device_is_a_charge_of_nothing_that_says_so() -> None:
    july, _ = priced("per_unit", {"unit_price": "5", "asset_types": ["server", "nas"]}).charges
    assert july.amount.minor == 0
    assert july.reason[0] == "0 devices of type server, nas on 2026-07-31"


def test_a_prorated_fee_says_so_in_its_reason_and_its_text() -> None:
    starting = Contract(
        id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 7, 15)
    )
    for model, more in (("fixed", {}), ("per_unit", {"asset_types": ["*"]})):
        july, august = priced(model, {"unit_price": "5", **more}, contract=starting).charges
        assert july.reason[-1] == "2026-07-15..2026-07-31 of 2026-07, prorated 17/31 by actual_days"
        assert (july.group, august.group) == ("Line (prorated 17/31)", "Line")
        assert august.reason[-1].endswith("x 5 per month")


def test_bookings_are_grouped_by_work_and_by_the_role_that_prices() -> None:
    work = Work("7", date(2026, 7, 1), 3600, role="senior")
    works = (
        work,
        replace(work, ref="8", work_type="onsite"),
        replace(work, ref="9", work_type="remote"),
    )
    rates = (Rate(Decimal(100)), Rate(Decimal(150), work_type="remote", role="senior"))
    cards = {"card": RateCard("card", "EUR", rates)}
    found = priced("time_and_materials", {"rate_card": "card"}, cards=cards, works=works)
    groups = [one.group for one in found.charges]
    assert groups == ["Line", "Line: onsite", "Line: remote, senior"]


def test_bookings_are_grouped_by_the_hours_of_the_rule_that_prices() -> None:
    night = Rate(multiplier=Decimal(2), hours=Window(since="20:00", until="06:00"))
    begun = datetime(2026, 7, 1, 21, tzinfo=UTC)
    work = Work("7", begun.date(), 3600, work_type="remote", started_at=begun)
    cards = {"card": RateCard("card", "EUR", (Rate(Decimal(100)), night))}
    (charge,) = priced(
        "time_and_materials", {"rate_card": "card"}, cards=cards, works=(work,)
    ).charges
    assert (charge.group, charge.amount.minor) == ("Line: remote, 20:00-06:00", 20000)


PREPAID: dict[str, object] = {"quantity": "1", "unit_price": "90", "rate_card": "card"}


def test_a_package_ends_with_its_line_and_is_earned_then() -> None:
    ending = Contract(
        id="C",
        client="K",
        name="Care",
        currency="EUR",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 7, 20),
    )
    terms = {**PREPAID, "cycle": "year", "rollover_periods": 3}
    found = priced("prepaid", terms, contract=ending)
    (charge,) = found.charges
    assert (str(charge.service), charge.reason) == (
        "2026-07-01..2026-07-19",
        ("1:00 for use until 2026-07-19",),
    )
    assert [(str(one.month), one.amount.minor, one.account) for one in found.earnings] == [
        ("2026-07", 9000, "Income:Prepaid")
    ]


def test_a_yearly_package_bought_in_july_serves_the_rest_of_the_year() -> None:
    (charge,) = priced("prepaid", {**PREPAID, "cycle": "year"}).charges
    assert str(charge.service) == "2026-07..2026-12"
    assert (charge.deferred, charge.account) == (True, "Liabilities:Deferred")


def test_what_is_left_of_a_package_is_earned_when_it_expires() -> None:
    works = (Work("7", date(2026, 7, 1), 600), Work("8", date(2026, 8, 1), 1800))
    earnings = priced("prepaid", {**PREPAID, "rollover_periods": 1}, works=works).earnings
    assert [(one.basis, str(one.month), one.amount.minor, one.reason) for one in earnings] == [
        ("prepaid:2026-07-01", "2026-07", 1500, "0:10 drawn so far"),
        ("prepaid:2026-07-01", "2026-08", 4500, "0:40 drawn so far"),
        ("prepaid:2026-07-01", "2026-08", 3000, "0:20 expired unused"),
    ]


def test_weeks_start_on_monday() -> None:
    charges = priced("fixed", {"unit_price": "7", "cycle": "week"}).charges
    assert [str(one.service) for one in charges[:2]] == [
        "2026-07-01..2026-07-05",
        "2026-07-06..2026-07-12",
    ]
    assert [one.amount.minor for one in charges[:2]] == [500, 700]


def test_a_booking_of_no_time_is_drawn_as_nothing() -> None:
    found = priced("prepaid", PREPAID, works=(Work("7", date(2026, 7, 1), 0),))
    (placement,) = found.placements
    assert (placement.bucket, placement.seconds, placement.counted_seconds) == ("drawn", 0, 0)


def test_without_a_rate_card_hours_are_drawn_as_worked_and_the_rest_is_held() -> None:
    terms = {**PREPAID, "rate_card": "lost"}
    drawn, held = priced("prepaid", terms, works=(Work("7", date(2026, 7, 1), 5000),)).placements
    assert (drawn.bucket, drawn.seconds, drawn.counted_seconds) == ("drawn", 3600, 3600)
    assert drawn.reason[1] == "1:23:20 worked"
    assert (held.bucket, held.seconds, held.counted_seconds) == ("held", 1400, 0)
    assert held.reason[-2:] == (
        "0:23:20 beyond what is prepaid",
        "there is no rate card 'lost' in EUR",
    )


def test_a_model_is_drawn_with_a_balance_or_has_none() -> None:
    def nothing(_: LineFacts) -> Any:
        return ()

    for takes, balance in (("drawn", None), ("billed", nothing)):
        with pytest.raises(ValueError, match="charge model levy is drawn with a balance, or has"):
            ChargeModel("levy", LineTerms, takes, nothing, balance)  # type: ignore[arg-type]  # takes is one of its words
    assert ChargeModel("levy", LineTerms, "drawn", nothing, nothing).balance is nothing
    assert ChargeModel("levy", LineTerms, "billed", nothing).balance is None
