"""Counting: the words of a charge that counts, licences nobody can mean, and what it costs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from tallystick.errors import SkipRecord
from tallystick.records import Asset, Contact, Contract, Licence

from .test_models import priced


def reasons(terms: dict[str, object], **facts: object) -> tuple[str, ...]:
    july, _ = priced("per_unit", {"unit_price": "5", **terms}, **facts).charges
    return july.reason


SERVERS = (
    Asset(id="1", name="a", type="server"),
    Asset(id="2", name="b", type="server", active_from=date(2026, 7, 20)),
    Asset(id="3", name="c", type="server", retired_on=date(2026, 7, 30)),
)
TWO_RUNS = "1 in 2026-07-01..2026-07-19, 2 in 2026-07-20..2026-07-31"
RUNS = "2 in 2026-07-01..2026-07-19, 3 in 2026-07-20..2026-07-29, 2 in 2026-07-30..2026-07-31"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("period_end", "2 devices of type server on 2026-07-31: a, b"),
        ("peak", "3 devices of type server at most, first on 2026-07-20: a, b, c"),
        (
            "average",
            f"2.3226 devices of type server on average ({RUNS}): a, b, c",
        ),
        (
            "daily",
            f"devices of type server, day by day {RUNS}: a, b, c",
        ),
    ],
)
def test_the_reason_names_what_is_counted(how: str, said: str) -> None:
    terms = {"asset_types": ["server"], "counted": how}
    assert reasons(terms, assets=SERVERS)[0] == said


@pytest.mark.parametrize(
    ("fleet", "said"),
    [
        (SERVERS[:1], "1 device of type server on average: a"),
        (SERVERS[:2], f"1.3871 devices of type server on average ({TWO_RUNS}): a, b"),
    ],
)
def test_an_average_says_what_it_is_of_where_the_count_changed(
    fleet: tuple[Asset, ...], said: str
) -> None:
    assert reasons({"asset_types": ["server"], "counted": "average"}, assets=fleet)[0] == said


def test_what_comes_or_went_on_the_edge_of_the_days_is_not_named() -> None:
    others = (
        Asset(id="8", name="0 comes", type="server", active_from=date(2026, 8, 1)),
        Asset(id="9", name="0 went", type="server", retired_on=date(2026, 7, 1)),
    )
    for how, on in (("period_end", "on 2026-07-31"), ("average", "on average")):
        terms = {"asset_types": ["server"], "counted": how}
        said = reasons(terms, assets=(*others, SERVERS[0]))[0]
        assert said == f"1 device of type server {on}: a"


def test_many_names_are_cut_short() -> None:
    fleet = tuple(Asset(id=str(n), name=f"pc-{n:03}") for n in range(120))
    said = reasons({"asset_types": ["*"]}, assets=fleet)[0]
    assert said.startswith("120 devices of type * on 2026-07-31: pc-000, pc-001, ")
    assert said.endswith(", pc-019 and 100 more")


def test_a_rule_and_its_floor_and_allowance_are_said() -> None:
    users = (Contact(id="1", client="K", name="Ada", group="clinic", tags=("vip",), status="on"),)
    terms = {
        "count_of": "users",
        "groups": ["clinic", "lab"],
        "tags": ["vip"],
        "statuses": ["on"],
        "minimum_quantity": 5,
        "included_quantity": "1.5",
    }
    assert reasons(terms, users=users) == (
        "1 user in group clinic, lab tagged vip in status on on 2026-07-31: Ada",
        "5 are counted at the least",
        "1.5 of them are free",
        "3.5 x 5 per month",
    )


def test_licences_say_their_seats_and_a_literal_says_it_is_agreed() -> None:
    seats = (
        Licence(id="1", client="K", product="mail", quantity=Decimal(3)),
        Licence(id="2", client="K", product="office", quantity=Decimal(9)),
        Licence(
            id="3",
            client="K",
            product="mail",
            quantity=Decimal(4),
            active_from=date(2026, 7, 31),
        ),
    )
    assert reasons({"count_of": "licences", "products": ["mail"]}, licences=seats) == (
        "7 licences of mail on 2026-07-31: 3 mail, 4 mail",
        "7 x 5 per month",
    )
    assert reasons({"count_of": "literal", "quantity": "2.50"}) == (
        "2.5 units as agreed",
        "2.5 x 5 per month",
    )


def test_tiers_by_the_day_say_how_many_days_each_count_has() -> None:
    steps = [{"up_to": 2, "unit_price": "5"}, {"unit_price": "4"}]
    terms = {"tiers": {"mode": "volume", "steps": steps}, "counted": "daily", "asset_types": ["*"]}
    charges = priced("per_unit", terms, assets=SERVERS).charges
    assert charges[0].reason[1] == (
        "21/31 of volume, up to 2: all 2 x 5; 10/31 of volume, over 2: all 3 x 4 per month"
    )
    assert charges[0].amount.minor == round((21 * 1000 + 10 * 1200) / 31)


def test_a_count_that_never_changes_is_priced_in_one_sentence() -> None:
    tiers = {"mode": "package", "package_size": 2, "package_price": "5"}
    said = priced("per_unit", {"tiers": tiers, "counted": "daily", "asset_types": ["*"]}).charges
    assert said[0].reason == (
        "devices of type *, day by day 0 in 2026-07",
        "no units reach a tier per month",
    )


def test_many_changes_are_cut_short() -> None:
    coming = tuple(
        Asset(id=str(n), name=f"pc-{n:02}", active_from=date(2026, 7, n)) for n in range(1, 29)
    )
    package = {"mode": "package", "package_size": 2, "package_price": "5"}
    terms = {"tiers": package, "counted": "daily", "asset_types": ["*"]}
    counted, priced_by = priced("per_unit", terms, assets=coming).charges[0].reason
    assert "12 in 2026-07-12..2026-07-12 and 16 more: pc-01" in counted
    assert priced_by.endswith("1/31 of package, 6 started packages of 2 x 5 and 16 more per month")


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"user_types": ["staff"]}, "Ada, Cem"),
        ({"user_types": ["*"]}, "Ada, Bo, Cem"),
        ({"groups": ["clinic"]}, "Ada, Bo"),
        ({"tags": ["vip", "vpn"]}, "Bo, Cem"),
        ({"tags": ["*"]}, "Ada, Bo, Cem"),
        ({"statuses": ["on"]}, "Ada"),
        ({"user_types": ["staff"], "tags": ["vpn"]}, "Cem"),
    ],
)
def test_a_rule_takes_what_meets_each_of_its_terms(rule: dict[str, object], names: str) -> None:
    users = (
        Contact(id="1", client="K", name="Ada", type="staff", group="clinic", status="on"),
        Contact(id="2", client="K", name="Bo", group="clinic", tags=("vip", "vpn")),
        Contact(id="3", client="K", name="Cem", type="staff", tags=("vpn",)),
    )
    said = reasons({"count_of": "users", **rule}, users=users)[0]
    assert said.rpartition(": ")[2] == names


def test_free_units_of_nothing_are_not_mentioned() -> None:
    assert reasons({"asset_types": ["*"], "included_quantity": 2})[1:] == ("0 x 5 per month",)


def test_a_quantity_of_licences_nobody_can_mean_sets_the_line_aside() -> None:
    seats = (Licence(id="7", client="K", product="mail", quantity=Decimal("1E+40")),)
    with pytest.raises(SkipRecord, match=r"1E\+40 of mail is not a plausible quantity") as raised:
        reasons({"count_of": "licences", "products": ["*"]}, licences=seats)
    assert (raised.value.record, raised.value.ref) == ("licence", "7")


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({}, "it counts assets, but not which: give asset_types or groups or tags or statuses"),
        ({"count_of": "users", "asset_types": ["*"]}, "asset_types does not choose among users"),
        ({"count_of": "licences"}, "it counts licences, but not which: give products"),
        ({"count_of": "literal"}, "it counts literal, but not which: give quantity"),
        ({"asset_types": ["*"], "quantity": 3}, "quantity does not choose among assets"),
        (
            {"asset_types": ["*"], "steps": [{"since": date(2026, 8, 1), "quantity": 2}]},
            "steps set a quantity, and assets are counted",
        ),
        ({"asset_types": ["*"], "included_quantity": -1}, "must be at least 0"),
        ({"asset_types": ["*"], "minimum_quantity": -1}, "must be at least 0"),
    ],
)
def test_contradictory_rules_are_named(terms: dict[str, object], sentence: str) -> None:
    with pytest.raises(SkipRecord, match=re.escape(sentence)):
        reasons(terms)


def test_one_of_a_price_and_tiers_is_needed() -> None:
    package = {"mode": "package", "package_size": 1, "package_price": 1}
    for terms, sentence in (
        ({"unit_price": 1, "tiers": package}, "unit_price and tiers exclude each other"),
        ({}, "there is no price: give unit_price or tiers"),
    ):
        with pytest.raises(SkipRecord, match=sentence):
            priced("per_unit", {**terms, "asset_types": ["*"]})


def test_a_contract_that_ends_counts_its_own_last_day() -> None:
    ending = Contract(
        id="C",
        client="K",
        name="Care",
        currency="EUR",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 7, 21),
    )
    (july,) = priced(
        "per_unit",
        {"unit_price": "31", "asset_types": ["*"], "counted": "average"},
        contract=ending,
        assets=SERVERS,
    ).charges
    # 2 devices on 19 days and 3 on the last of 20, of a price for 31 days.
    assert july.quantity == Decimal("2.05")
    assert july.amount.minor == 41 * 100
