"""Prepaid balances beyond their documented examples."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.prepaid.balance import shown
from tallystick.billing.prepaid.meter import Meter
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine

CONTRACT = Contract(id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 7, 1))
RATES = (Rate(Decimal(90)), Rate(Decimal(120), work_type="onsite"))
BOOK = PriceBook(
    {
        "card": RateCard("card", "EUR", RATES),
        "per ticket": RateCard("per ticket", "EUR", RATES, 1800, 900, "ticket"),
    }
)
HOURS = {"quantity": "4", "unit_price": "400", "overage": "refuse"}


def line(ref: str, terms: dict[str, Any], model: str = "prepaid") -> ContractLine:
    return ContractLine(id=ref, contract="C", description=ref, model=model, terms=terms)


def worked(ref: str, day: int, hours: str, **more: Any) -> Work:
    return Work(ref, date(2026, 7, day), int(Fraction(hours) * 3600), **more)


def priced(lines: list[ContractLine], *works: Work, until: date = date(2026, 8, 1)) -> Pricing:
    return price(Facts(CONTRACT, tuple(lines), works), until, SHIPPED, BOOK)


def buckets(of: Pricing, booking: str) -> list[tuple[str, str | None, int, int]]:
    return [
        (one.bucket, one.line, one.seconds, one.counted_seconds)
        for one in of.placements
        if one.booking == booking
    ]


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"quantity": "0"}, "quantity must be more than 0"),
        ({"quantity": "-4"}, "quantity must be more than 0"),
        ({"unit_price": "-1"}, "unit_price at least 0"),
        ({"quantity": "1E+99"}, r"fit: quantity 1E\+99 is not"),
        ({"unit_price": "1E+99"}, r"fit: unit_price 1E\+99 is not"),
        (
            {"top_up": {"below": "1", "quantity": "1E+99", "unit_price": "1"}},
            r"top_up quantity 1E\+99 is not a plausible figure",
        ),
        (
            {"top_up": {"below": "1", "quantity": "2", "unit_price": "1E+99"}},
            r"top_up unit_price 1E\+99 is not a plausible figure",
        ),
        ({"quantity": "0"}, "fit: quantity must be more than 0"),
        ({"bought": "once", "rollover_periods": 1}, "no next period to roll over to"),
        ({"rollover_periods": 1, "expires_after": {"days": 9}}, "contradict each other"),
        ({"expires_after": {"days": 9, "months": 1}}, "either months or days"),
        ({"expires_after": {}}, "either months or days"),
        ({"every": 120, "rollover_periods": 10}, "reach too far"),
        ({"weights": {"onsite": "0"}}, "weight 0 of onsite must be more than 0"),
        ({"weights": {"onsite": "-1"}}, "weight -1 of onsite must be more than 0"),
        ({"unit": "money", "rate_card": "card", "weights": {"onsite": "2"}}, "give its rates"),
        ({"unit": "money"}, "rate_card is missing"),
        ({"overage": "rate"}, "rate_card is missing"),
        ({"drawn_per": "booking"}, "only tokens are drawn per booking"),
        ({"overage": "bands"}, "go together"),
        ({"bands": [{"unit_price": "1"}]}, "go together"),
        ({"overage": "bands", "bands": [{"up_to": "1", "unit_price": "1"}]}, "open-ended"),
        (
            {
                "overage": "bands",
                "bands": [
                    {"up_to": "2", "unit_price": "1"},
                    {"up_to": "2", "unit_price": "1"},
                    {"unit_price": "1"},
                ],
            },
            "needs an up_to above 2",
        ),
        ({"overage": "bands", "bands": [{"unit_price": "-1"}]}, "of a band must be 0 or more"),
        ({"top_up": {"below": "-1", "quantity": "1", "unit_price": "1"}}, "below -1 must be 0"),
        ({"top_up": {"below": "2", "quantity": "1", "unit_price": "1"}}, "must reach its mark"),
        ({"top_up": {"below": "0", "quantity": "0", "unit_price": "1"}}, "top_up quantity must"),
    ],
)
def test_terms_no_contract_can_mean_are_a_sentence(terms: dict[str, Any], says: str) -> None:
    with pytest.raises(SkipRecord, match=says):
        priced([line("L", {**HOURS, **terms})])


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"unit_price": "0"}, "must be more than 0"),
        ({"unit_price": "-5"}, "must be more than 0"),
        ({"timing": "arrears", "rollover_periods": 1}, "nothing to roll over"),
    ],
)
def test_retainers_nobody_can_mean_are_a_sentence(terms: dict[str, Any], says: str) -> None:
    with pytest.raises(SkipRecord, match=says):
        priced([line("L", {"unit_price": "9", "rate_card": "card", **terms}, "retainer")])


def test_the_order_of_entry_changes_nothing_for_anyone() -> None:
    lines = [line("a", HOURS), line("b", {**HOURS, "quantity": "1", "expires_after": {"days": 9}})]
    works = [worked("1", 3, "2"), worked("2", 3, "2"), worked("3", 9, "2")]
    first = priced(lines, *works)
    assert buckets(first, "3") == [("drawn", "a", 3600, 3600), ("held", "a", 3600, 0)]
    for order in permutations(works):
        assert priced(lines[::-1], *order) == first


def test_a_late_booking_brings_a_top_up_forward_and_takes_none_back() -> None:
    once = {**HOURS, "bought": "once", "quantity": "1"}
    own = [line("L", {**once, "top_up": {"below": "0", "quantity": "1", "unit_price": "90"}})]
    before = priced(own, worked("1", 9, "1"), worked("2", 20, "1"))
    after = priced(own, worked("1", 9, "1"), worked("2", 20, "1"), worked("late", 2, "1"))
    bases = [(one.basis, one.service.start.day) for one in after.charges]
    (bought, topped_up) = before.charges
    assert (bought.group, topped_up.group) == ("L", "L (top-up)")
    assert (topped_up.basis, topped_up.service.start.day) == ("topup:1", 20)
    assert bases == [("prepaid:once", 1), ("topup:1", 9), ("topup:2", 20)]


def test_work_without_a_rate_is_held_although_the_line_would_pass_it_on() -> None:
    credit = {"unit": "money", "quantity": "50", "unit_price": "50", "overage": "pass"}
    own = [
        line("a", {**credit, "rate_card": "lost"}),
        line("b", {"rate_card": "card"}, "time_and_materials"),
    ]
    found = priced(own, worked("1", 3, "1"))
    assert buckets(found, "1") == [("held", "a", 3600, 0)]
    assert found.placements[0].reason[-1] == "there is no rate card 'lost' in EUR"


def test_what_another_line_of_the_pool_gave_does_not_use_the_allowance() -> None:
    soon = {**HOURS, "quantity": "1", "expires_after": {"days": 9}}
    later = {**HOURS, "covers": {"allowance_hours": "1"}, "overage": "pass"}
    own = [line("a", later), line("b", soon)]
    found = priced(own, worked("1", 3, "1"), worked("2", 4, "1"), worked("3", 5, "1"))
    assert buckets(found, "1") == [("drawn", "b", 3600, 3600)]
    assert buckets(found, "2") == [("drawn", "a", 3600, 3600)]
    assert buckets(found, "3") == [("held", "b", 3600, 0)]


def test_bookings_of_a_ticket_are_rounded_together_before_they_draw() -> None:
    own = [line("L", {**HOURS, "rate_card": "per ticket"})]
    works = [worked(str(n), n, "1/6", ticket="t") for n in (1, 2, 3, 4)]
    found = priced(own, *works)
    assert [buckets(found, str(n)) for n in (1, 2, 3, 4)] == [
        [("drawn", "L", 600, counted)] for counted in (1800, 0, 0, 900)
    ]


@pytest.mark.parametrize("below", ["0", "0.001"])
def test_a_tiny_top_up_ends_and_the_rest_is_beyond_it(below: str) -> None:
    mark = {"below": below, "quantity": "0.001", "unit_price": "1"}
    found = priced([line("L", {**HOURS, "top_up": mark})], worked("1", 3, "10"))
    assert sum(one.basis.startswith("topup:") for one in found.charges) == 100
    assert [bucket for bucket, *_ in buckets(found, "1")] == ["drawn", "held"]
    assert sum(seconds for _, _, seconds, _ in buckets(found, "1")) == 36000


def test_the_rest_of_a_money_draw_and_its_bill_make_the_worth_of_the_work() -> None:
    credit = {"unit": "money", "quantity": "33.33", "unit_price": "30", "rate_card": "card"}
    found = priced([line("L", credit)], worked("1", 3, "1"))
    (standing,) = found.balances
    (billed,) = (one for one in found.charges if one.basis == "booking:1")
    assert standing.drawn == Fraction("33.33")
    assert str(billed.amount) == "56.67 EUR"


TWO_PRICES = Meter(((60, Fraction(1)), (30, Fraction(2)), (10, Fraction(0))))
"""A minute at 1 a second, half a minute at 2, ten seconds for nothing."""


@pytest.mark.parametrize(
    ("at", "costs"), [(0, 120), (30, 90), (60, 60), (75, 30), (90, 0), (95, 0), (100, 0)]
)
def test_what_the_rest_of_the_time_costs(at: int, costs: int) -> None:
    assert TWO_PRICES.cost(Fraction(at)) == costs


@pytest.mark.parametrize(
    ("at", "units", "to"),
    [
        (0, 30, 30),
        (0, 60, 60),
        (0, 61, Fraction("60.5")),
        (30, 40, 65),
        (0, 120, 100),
        (0, 500, 100),
        (60, 1, Fraction("60.5")),
        (75, 10, 80),
        (90, 0, 100),
    ],
)
def test_how_far_units_reach(at: int, units: int, to: Fraction) -> None:
    assert TWO_PRICES.reach(Fraction(at), Fraction(units)) == to


def test_whole_units_are_rounded_half_up() -> None:
    halves = Meter(((3, Fraction(1, 2)),), whole=True)
    assert [halves.cost(Fraction(at)) for at in range(4)] == [2, 1, 1, 0]


def test_a_package_is_used_to_the_day_before_it_expires() -> None:
    own = [line("L", {**HOURS, "bought": "once", "expires_after": {"days": 9}})]
    found = priced(own, worked("last", 9, "1"), worked("late", 10, "1"))
    assert buckets(found, "last") == [("drawn", "L", 3600, 3600)]
    assert buckets(found, "late") == [("held", "L", 3600, 0)]


def test_a_booking_of_no_time_draws_no_token() -> None:
    tokens = {**HOURS, "unit": "tokens", "drawn_per": "booking"}
    found = priced([line("L", tokens)], worked("none", 3, "0"), worked("one", 3, "1"))
    (standing,) = found.balances
    assert standing.drawn == 1
    assert buckets(found, "one") == [("drawn", "L", 3600, 3600)]


def test_the_last_part_billed_takes_what_rounding_made_of_a_money_draw() -> None:
    """33.33 of 90 an hour reach 22:13.2; the rest is billed to 18:00 at 90 and after it at 180."""
    evening = Rate(Decimal(180), hours=(Window(since="18:00"),))
    book = PriceBook({"card": RateCard("card", "EUR", (RATES[0], evening))})
    credit = {"unit": "money", "quantity": "33.33", "unit_price": "30", "rate_card": "card"}
    at = datetime(2026, 7, 3, 17, tzinfo=UTC)
    work = Work("1", at.date(), 7200, started_at=at)
    found = price(Facts(CONTRACT, (line("L", credit),), (work,)), date(2026, 8, 1), SHIPPED, book)
    billed = [one for one in found.charges if one.account == "Income:Time"]
    assert [(str(one.amount), str(one.unit_price)) for one in billed] == [
        ("56.68 EUR", "90"),
        ("179.99 EUR", "180"),
    ]
    assert [str(one.quantity) for one in billed] == ["0.629722", "0.999944"]
    assert sum(one.amount.minor for one in billed) + 3333 == 9000 + 18000


def test_bands_are_billed_to_the_second_and_one_that_is_not_reached_is_not() -> None:
    bands = [{"up_to": "1", "unit_price": "0"}, {"up_to": "2", "unit_price": "60"}]
    terms = {**HOURS, "quantity": "1", "overage": "bands", "bands": [*bands, {"unit_price": "90"}]}

    def beyond(hours: str) -> list[tuple[str, str, str, str]]:
        found = priced([line("L", terms)], worked("1", 3, hours))
        return [
            (one.group, str(one.quantity), str(one.amount), one.account)
            for one in found.charges
            if one.basis.startswith("overage:")
        ]

    first = ("L: beyond, up to 1 h", "1", "0.00 EUR", "Income:Time")
    second = ("L: beyond, up to 2 h", "1", "60.00 EUR", "Income:Time")
    assert beyond("2") == [first]
    assert beyond("3") == [first, second]
    (*_, rest) = beyond("3.0002777777777778")
    assert rest == ("L: beyond, the rest", "0.000278", "0.03 EUR", "Income:Time")
    found = priced([line("L", terms)], worked("1", 3, "3"))
    assert buckets(found, "1") == [("drawn", "L", 3600, 3600), ("billed", "L", 7200, 7200)]


def test_the_last_token_is_drawn_and_the_next_booking_held() -> None:
    tokens = {**HOURS, "unit": "tokens", "drawn_per": "booking", "quantity": "1"}
    found = priced([line("L", tokens)], worked("1", 3, "1"), worked("2", 4, "1"))
    assert buckets(found, "1") == [("drawn", "L", 3600, 3600)]
    assert [bucket for bucket, *_ in buckets(found, "2")] == ["held"]


def test_time_that_only_rounding_makes_is_not_refused() -> None:
    """10 minutes count half an hour, of which a quarter is there: all that was worked is drawn."""
    own = [line("L", {**HOURS, "quantity": "0.25", "rate_card": "per ticket"})]
    found = priced(own, worked("1", 3, "1/6", ticket="t"))
    assert buckets(found, "1") == [("drawn", "L", 600, 900)]


FROM_SEVEN = datetime(2026, 7, 3, 7, tzinfo=UTC)
OFFICE = ContractLine(
    id="O",
    contract="C",
    description="O",
    model="fixed",
    terms={
        "unit_price": "1",
        "work_types": ["*"],
        "covers": {"hours": {"since": "08:00", "until": "18:00"}},
    },
)
ALL_DAY = Work("1", FROM_SEVEN.date(), 12 * 3600, started_at=FROM_SEVEN)
"""From 7 to 19; from 8 to 18 the line O includes it, the first and the last hour are drawn."""


def test_both_ends_of_a_booking_are_drawn() -> None:
    found = priced([OFFICE, line("L", HOURS)], ALL_DAY)
    hour = ("drawn", "L", 3600, 3600)
    assert sorted(buckets(found, "1")) == [("covered", "O", 36000, 36000), hour, hour]
    (standing,) = found.balances
    assert standing.drawn == 2


@pytest.mark.parametrize(
    ("overage", "rest"),
    [
        ("refuse", [("held", "L", 3600, 0)]),
        ("pass", [("billed", "T", 3600, 3600)]),
        ("rate", [("billed", "L", 3600, 3600)]),
    ],
)
def test_what_the_balance_has_not_for_the_second_end(
    overage: str, rest: list[tuple[str, str, int, int]]
) -> None:
    terms = {**HOURS, "quantity": "1", "rate_card": "card", "overage": overage}
    hourly = line("T", {"rate_card": "card"}, "time_and_materials")
    found = priced([OFFICE, line("L", terms), hourly], ALL_DAY)
    placed = [one for one in buckets(found, "1") if one[0] != "covered"]
    assert sorted(placed) == sorted([("drawn", "L", 3600, 3600), *rest])


@pytest.mark.parametrize("overage", ["refuse", "pass", "rate"])
def test_what_an_empty_balance_has_for_either_end(overage: str) -> None:
    terms = {**HOURS, "quantity": "0.0001", "rate_card": "card", "overage": overage}
    terms |= {"bought": "once", "expires_after": {"days": 1}}
    hourly = line("T", {"rate_card": "card"}, "time_and_materials")
    found = priced([OFFICE, line("L", terms), hourly], ALL_DAY)
    hour = {
        "refuse": ("held", "L", 3600, 0),
        "pass": ("billed", "T", 3600, 3600),
        "rate": ("billed", "L", 3600, 3600),
    }[overage]
    assert [one for one in buckets(found, "1") if one[0] != "covered"] == [hour, hour]
    billed = [one for one in found.charges if one.account == "Income:Time"]
    assert sum(one.amount.minor for one in billed) == (0 if overage == "refuse" else 18000)
    assert len({one.basis for one in billed}) == len(billed)


@pytest.mark.parametrize(("until", "left", "expired"), [(9, 3, 0), (10, 0, 3)])
def test_what_is_left_of_a_package_expires_with_it(until: int, left: int, expired: int) -> None:
    own = [line("L", {**HOURS, "bought": "once", "expires_after": {"days": 9}})]
    (standing,) = priced(own, worked("1", 3, "1"), until=date(2026, 7, until)).balances
    assert (standing.bought, standing.drawn) == (4, 1)
    assert (standing.left, standing.expired) == (left, expired)


@pytest.mark.parametrize(
    ("tokens", "says"), [("1", "1 token"), ("0.5", "0.5 tokens"), ("30", "30 tokens")]
)
def test_tokens_in_words(tokens: str, says: str) -> None:
    assert shown(Fraction(tokens), "tokens", "EUR") == says


def test_each_piece_beyond_has_a_basis_of_its_own() -> None:
    """Included from 8 to 12 and from 14 to 18: what begins at 7, at 12 and at 18 is billed."""
    noon = {"hours": {"since": "08:00", "until": "12:00"}}
    later = {"hours": {"since": "14:00", "until": "18:00"}}
    included = [
        replace(OFFICE, id=ref, terms={**OFFICE.terms, "covers": covers})
        for ref, covers in (("N", noon), ("P", later))
    ]
    terms = {**HOURS, "quantity": "0.0001", "rate_card": "card", "overage": "rate"}
    own = line("L", {**terms, "bought": "once", "expires_after": {"days": 1}})
    found = priced([*included, own], ALL_DAY)
    billed = {one.basis: one.amount.minor for one in found.charges if one.unit == "hour"}
    assert billed == {"booking:1": 9000, "booking:1:2": 18000, "booking:1:3": 9000}


def test_each_hour_beyond_that_has_a_price_of_its_own_has_a_basis_of_its_own() -> None:
    early, noon = Window(since="00:00", until="08:00"), Window(since="09:00", until="24:00")
    rates = (Rate(Decimal(90)), Rate(Decimal(120), hours=early), Rate(Decimal(180), hours=noon))
    book = PriceBook({"card": RateCard("card", "EUR", rates)})
    work = Work("1", date(2026, 7, 3), 10_800, started_at=datetime(2026, 7, 3, 7, tzinfo=UTC))
    own = line("L", {**HOURS, "quantity": "0.0001", "rate_card": "card", "overage": "rate"})
    found = price(Facts(CONTRACT, (own,), (work,)), date(2026, 8, 1), SHIPPED, book).charges
    assert [(one.basis, one.unit_price) for one in found[1:]] == [
        ("booking:1", 120),
        ("booking:1:2", 90),
        ("booking:1:3", 180),
    ]


def test_a_retainer_in_arrears_says_what_of_it_was_drawn() -> None:
    terms = {"unit_price": "100", "rate_card": "card", "timing": "arrears"}
    (charge,) = priced([line("L", terms, "retainer")], worked("1", 3, "0.5")).charges
    assert charge.reason == ("45.00 EUR of 100.00 EUR drawn in 2026-07",)


def test_a_booking_takes_its_tokens_from_as_many_packages_as_it_needs() -> None:
    tokens = {"unit": "tokens", "drawn_per": "booking", "overage": "refuse", "weights": {"*": "5"}}
    terms = {**tokens, "quantity": "2", "unit_price": "20", "rollover_periods": 3}
    found = priced([line("L", terms)], Work("1", date(2026, 9, 3), 600), until=date(2026, 10, 1))
    (placement,) = found.placements
    assert placement.bucket == "drawn"
    assert placement.reason[-3:] == (
        "2 tokens from the package of 2026-07-01",
        "2 tokens from the package of 2026-08-01",
        "1 token from the package of 2026-09-01",
    )
    drawn = [(one.basis[8:], one.amount.minor) for one in found.earnings]
    assert drawn == [("2026-07-01", 2000), ("2026-08-01", 2000), ("2026-09-01", 1000)]


def test_a_booking_that_needs_more_tokens_than_are_left_draws_none() -> None:
    tokens = {"unit": "tokens", "drawn_per": "booking", "overage": "refuse", "weights": {"*": "2"}}
    terms = {**tokens, "quantity": "3", "unit_price": "30", "expires_after": {"days": 9}}
    found = priced(
        [line("L", {**terms, "bought": "once"})], worked("1", 3, "1"), worked("2", 4, "1")
    )
    assert buckets(found, "1") == [("drawn", "L", 3600, 3600)]
    assert buckets(found, "2") == [("held", "L", 3600, 0)]


def test_work_that_begins_before_the_hours_of_a_balance_is_drawn_from_then_on() -> None:
    own = line("L", {**HOURS, "covers": {"hours": {"since": "08:00", "until": "18:00"}}})
    work = Work("1", date(2026, 7, 3), 9000, started_at=datetime(2026, 7, 3, 7, tzinfo=UTC))
    assert buckets(priced([own], work), "1") == [
        ("drawn", "L", 5400, 5400),
        ("held", None, 3600, 0),
    ]


def test_what_a_line_draws_and_what_it_bills_beyond_both_use_its_allowance() -> None:
    terms = {**HOURS, "quantity": "1", "rate_card": "card", "overage": "rate"}
    own = line("L", {**terms, "covers": {"allowance_hours": "3"}})
    found = priced([own], worked("1", 3, "2"), worked("2", 4, "2"))
    assert buckets(found, "1") == [("drawn", "L", 3600, 3600), ("billed", "L", 3600, 3600)]
    assert sorted(buckets(found, "2")) == [("billed", "L", 3600, 3600), ("held", None, 3600, 0)]
