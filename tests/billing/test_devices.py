"""Devices reconciled: each disagreement is found with what a month of it is worth, and no other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.devices.reconcile import Finding, Known, reconcile
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.money import Money
from tallystick.records import Asset, Client, Contract, ContractLine

TODAY = date(2026, 9, 15)
NOON = datetime(2026, 9, 15, 12, tzinfo=UTC)
CONTRACT = Contract(
    id="psa:C", client="psa:K", name="C", currency="EUR", starts_on=date(2026, 1, 1)
)


def line(ref: str, price: str, types: list[str], **terms: Any) -> ContractLine:
    own = {"unit_price": price, "asset_types": types, **terms}
    return ContractLine(id=ref, contract="psa:C", description=ref, model="per_unit", terms=own)


SERVERS = line("servers", "80", ["server"])
STATIONS = line("stations", "25", ["workstation"])


def asset(ref: str, kind: str | None = "workstation", **more: Any) -> Asset:
    return Asset(id=ref, name=ref.upper(), client="psa:K", type=kind, **more)


def found(
    assets: list[Asset],
    elsewhere: list[Known] = [],  # noqa: B006 - never changed
    lines: tuple[ContractLine, ...] = (SERVERS, STATIONS),
) -> list[Finding]:
    facts = ClientFacts(
        client=Client(id="psa:K", name="K"), contracts=[(CONTRACT, lines)], assets=assets
    )
    return reconcile(facts, elsewhere, SHIPPED, PriceBook({}), TODAY)


def codes(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.code, one.device, str(one.monthly)) for one in findings]


def twin(one: Asset, **changed: Any) -> Known:
    values = {name: getattr(one, name) for name in Asset.__struct_fields__} | changed
    return Known("psa", Asset(**values), one.id)


def test_what_everybody_agrees_on_is_not_told() -> None:
    mine = [asset("a"), asset("b", "server")]
    assert found(mine, [twin(one) for one in mine]) == []


def test_a_device_no_line_counts_is_worth_what_it_would_be_under_the_cheapest() -> None:
    assert codes(found([asset("a"), asset("fw", "network")])) == [("unbilled", "FW", "25.00 EUR")]


def test_a_device_only_another_tool_knows_is_worth_its_own_line() -> None:
    new = Known("rmm2", asset("n", "server"), None)
    assert codes(found([asset("a")], [new])) == [("unknown", "N", "80.00 EUR")]
    retired = Known("rmm2", asset("n", "server", retired_on=TODAY), None)
    assert found([asset("a")], [retired]) == []


def test_a_counted_device_the_other_tool_has_no_more_is_billed_for_nothing() -> None:
    mine = [asset("a"), asset("b", "server")]
    assert codes(found(mine, [twin(mine[0])])) == [("over_billed", "B", "80.00 EUR")]
    gone = twin(mine[1], retired_on=date(2026, 9, 1))
    assert codes(found(mine, [twin(mine[0]), gone])) == [("over_billed", "B", "80.00 EUR")]


def test_a_tool_that_knows_nothing_of_the_client_says_nothing() -> None:
    assert found([asset("a"), asset("b", "server")]) == []


def test_a_type_that_is_another_elsewhere_is_worth_the_difference() -> None:
    one = asset("a")
    [finding] = found([one], [twin(one, type="server")])
    assert (finding.code, str(finding.monthly)) == ("wrong_type", "55.00 EUR")
    assert "55.00 EUR a month more" in finding.what
    same_price = twin(one, type="server")
    lines = (SERVERS, line("stations", "80", ["workstation"]))
    assert found([one], [same_price], lines) == []


@pytest.mark.parametrize(("days", "stale"), [(30, False), (31, True)])
def test_a_counted_device_nobody_hears_of_is_stale(days: int, stale: bool) -> None:
    silent = asset("a", last_seen_at=NOON - timedelta(days=days))
    expected = [("stale", "A", "25.00 EUR")] if stale else []
    assert codes(found([silent])) == expected


def test_two_counted_devices_of_one_serial_are_one_too_many() -> None:
    two = [asset("a", serial="SER-1001"), asset("b", serial="ser1001")]
    assert codes(found(two)) == [("duplicate", "B", "25.00 EUR")]
    left_behind = [asset(ref, serial="To be filled by O.E.M.") for ref in "ab"]
    assert found(left_behind) == []


def test_a_client_that_pays_for_no_device_is_left_alone() -> None:
    fee = ContractLine(
        id="F", contract="psa:C", description="F", model="fixed", terms={"unit_price": "9"}
    )
    assert found([asset("a", "network")], [], (fee,)) == []


def test_tiers_say_what_the_last_device_is_worth() -> None:
    tiered = ContractLine(
        id="T",
        contract="psa:C",
        description="T",
        model="per_unit",
        terms={
            "asset_types": ["workstation"],
            "tiers": {
                "mode": "graduated",
                "steps": [{"up_to": 2, "unit_price": "30"}, {"unit_price": "20"}],
            },
        },
    )
    mine = [asset(ref) for ref in "abc"]
    [finding] = found(mine, [twin(one) for one in mine[:2]], (tiered,))
    assert (finding.code, str(finding.monthly)) == ("over_billed", "20.00 EUR")


def test_a_quarterly_price_is_told_by_the_month() -> None:
    lines = (line("stations", "90", ["workstation"], cycle="quarter"),)
    mine = [asset("a"), asset("b")]
    [finding] = found(mine, [twin(mine[0])], lines)
    assert finding.monthly == Money(3000, "EUR")


@given(
    st.lists(st.sampled_from(["server", "workstation"]), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
    st.integers(1, 50000),
)
def test_flat_prices_add_up_to_what_is_gone(kinds: list[str], gone: set[int], minor: int) -> None:
    price = str(Decimal(minor) / 100)
    lines = (line("servers", price, ["server"]), line("stations", "25", ["workstation"]))
    mine = [asset(f"d{n}", kind) for n, kind in enumerate(kinds)]
    known = [twin(one) for n, one in enumerate(mine) if n not in gone]
    findings = found(mine, known, lines)
    worth = {"server": Fraction(minor), "workstation": Fraction(2500)}
    expected = sum(worth[one.type or ""] for n, one in enumerate(mine) if n in gone)
    assert sum(one.monthly.minor for one in findings) == (expected if known else 0)
