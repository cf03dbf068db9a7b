"""The rate cascade against the rules read one by one for every quarter of an hour."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.cascade import Outcome, Price, multiplied
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window

from .rate_strategies import quarter_hours, rates, timed_works
from .test_windows import shows

BERLIN = ZoneInfo("Europe/Berlin")
Read = tuple[Fraction | None, Decimal | None]
STRONGEST_FIRST = ("client", "hours", "work_type", "role")


def parts(work: Work, *rules: Rate) -> list[tuple[int, int, Outcome]]:
    return RateCard("card", "EUR", rules).cascade.parts(Piece(work, 0, work.seconds, ()), BERLIN)


def meets(rate: Rate, work: Work, wall: datetime) -> bool:
    plain = (work.client or "").removeprefix("psa:")
    for wanted, values in (
        (rate.work_type, {work.work_type}),
        (rate.role, {work.role}),
        (rate.client, {work.client, plain}),
    ):
        named = {wanted} if isinstance(wanted, str) else set(wanted or ())
        if wanted is not None and not named & values:
            return False
    in_force = rate.valid_from <= work.work_date < rate.valid_until
    return in_force and (not rate.windows or any(shows(one, wall) for one in rate.windows))


def read(rules: list[Rate], work: Work, wall: datetime) -> Read | str:
    """(price of an hour, call-out fee) at one moment, or why there is none."""
    found: dict[str, Decimal] = {}
    for kind in ("hourly", "multiplier", "call_out"):
        matching = [one for one in rules if getattr(one, kind) and meets(one, work, wall)]
        ranked = sorted(matching, key=strength)
        if len(ranked) > 1 and strength(ranked[-1]) == strength(ranked[-2]):
            return "apart"
        if ranked:
            found[kind] = getattr(ranked[-1], kind)
    if "hourly" not in found:
        return "no rate"
    price = Fraction(found["hourly"]) * Fraction(found.get("multiplier", Decimal(1)))
    return price, found.get("call_out")


def strength(rate: Rate) -> tuple[int, list[bool], date]:
    given = [getattr(rate, name) is not None for name in STRONGEST_FIRST]
    return sum(given), given, rate.valid_from


def as_read(outcome: Outcome) -> Read | str:
    if isinstance(outcome, str):
        return "apart" if "apart" in outcome else "no rate"
    assert Fraction(*outcome.second) * 3600 == Fraction(outcome.hourly)
    return Fraction(outcome.hourly), outcome.call_out.call_out if outcome.call_out else None


@given(st.lists(rates(), max_size=6), timed_works())
def test_every_quarter_hour_has_the_price_its_rules_say(rules: list[Rate], work: Work) -> None:
    found = parts(work, *rules)
    assert sum(seconds for _, seconds, _ in found) == work.seconds
    assert all(a[2] != b[2] for a, b in pairwise(found))
    if work.started_at is None:
        may_ask = [one for one in rules if one.hours and meets(replace_hours(one), work, NOON)]
        if "not known" in str(found[0][2]):
            assert may_ask
        else:
            plain = [one for one in rules if one.hours is None]
            assert as_read(found[0][2]) == read(plain, work, NOON)
        return
    every = [(read(rules, work, wall), seconds) for wall, seconds in quarter_hours(work, BERLIN)]
    runs = [(key, sum(s for _, s in run)) for key, run in groupby(every, key=lambda one: one[0])]
    mine = [(as_read(outcome), seconds) for _, seconds, outcome in found]
    merged = [(key, sum(s for _, s in run)) for key, run in groupby(mine, key=lambda one: one[0])]
    if work.seconds:
        assert merged == runs


NOON = datetime(2026, 4, 1, 12, tzinfo=BERLIN)


def replace_hours(rate: Rate) -> Rate:
    return replace(rate, hours=None)


@given(st.lists(rates(), max_size=5), st.lists(timed_works(), min_size=2, max_size=6))
def test_what_was_looked_up_before_changes_nothing(rules: list[Rate], works: list[Work]) -> None:
    used = RateCard("card", "EUR", tuple(rules))
    for work in works:
        assert used.cascade.parts(Piece(work, 0, work.seconds, ()), BERLIN) == parts(work, *rules)


@given(st.decimals("0", "1e12", places=6), st.decimals("0", "1000", places=6))
def test_multiplying_loses_nothing(price: Decimal, by: Decimal) -> None:
    assert Fraction(multiplied(price, by)) == Fraction(price) * Fraction(by)


def test_a_product_keeps_the_decimals_of_the_price_unless_it_needs_more() -> None:
    found = [
        str(multiplied(Decimal(a), Decimal(b)))
        for a, b in [("90.00", "1.50"), ("90", "2"), ("90.00", "1.0001"), ("0.00", "1.5")]
    ]
    assert found == ["135.00", "180", "90.009", "0.00"]


EVENING = Rate(multiplier=Decimal("1.5"), hours=Window(since="18:00", until="08:00"))
ANY = Rate(Decimal("90.00"))
AT_FIVE = datetime(2026, 7, 1, 17, tzinfo=BERLIN)
WORK = Work("psa:7", AT_FIVE.date(), 7200, started_at=AT_FIVE)


def test_a_booking_is_cut_where_its_price_changes() -> None:
    (first_s, day_s, day), (from_s, night_s, night) = parts(WORK, ANY, EVENING)
    assert (first_s, day_s, from_s, night_s) == (0, 3600, 3600, 3600)
    assert isinstance(day, Price)
    assert isinstance(night, Price)
    assert (str(day.hourly), str(night.hourly)) == ("90.00", "135.00")
    assert night.reason == (
        "rate card card: 90.00/h for any work, x 1.5 for hours 18:00-08:00: 135.00/h"
    )


def test_a_booking_is_not_cut_where_only_a_losing_rule_changes() -> None:
    dear = Rate(Decimal(200), client="psa:7", work_type="remote")
    night = Rate(Decimal(120), hours=Window(since="18:00"))
    [(_, seconds, found)] = parts(
        replace(WORK, client="psa:7", work_type="remote"), ANY, night, dear
    )
    assert (seconds, isinstance(found, Price) and found.rate) == (7200, dear)


def test_an_unknown_start_holds_only_where_the_hour_could_matter() -> None:
    unknown = replace(WORK, started_at=None, work_type="remote")
    [(_, _, found)] = parts(unknown, ANY, EVENING)
    assert found == (
        "rate card card asks for the hour (x 1.5 for hours 18:00-08:00), "
        "and the booking's start is not known"
    )
    onsite_evening = replace(EVENING, work_type="onsite")
    [(_, _, priced)] = parts(unknown, ANY, onsite_evening)
    assert isinstance(priced, Price)
    certain = Rate(multiplier=Decimal(1), client="psa:7", work_type="remote")
    [(_, _, priced)] = parts(replace(unknown, client="psa:7"), ANY, EVENING, certain)
    assert isinstance(priced, Price)
    assert priced.multiplier is certain


@pytest.mark.parametrize(
    ("name", "value", "matches"),
    [
        ("client", "psa:7", True),
        ("client", "7", True),
        ("client", ("8", "7"), True),
        ("client", "rmm:7", False),
        ("client", "8", False),
        ("contract", "C-1", True),
        ("technician", "T1", True),
        ("ticket_type", "incident", True),
        ("ticket_type", "change", False),
        ("priority", ("P1", "P2"), True),
        ("asset_type", "server", True),
        ("location", "Altona", True),
        ("location", "Bergedorf", False),
    ],
)
def test_every_condition_is_asked(name: str, value: str | tuple[str, ...], matches: bool) -> None:
    work = replace(
        WORK,
        client="psa:7",
        contract="psa:C-1",
        technician="psa:T1",
        ticket_type="incident",
        priority="P2",
        asset_type="server",
        location="Altona",
    )
    rule = Rate(Decimal(111), **{name: value})  # type: ignore[arg-type]  # the name is a condition
    [(_, _, found)] = parts(work, ANY, rule)
    assert isinstance(found, Price)
    assert (found.rate is rule) == matches


def test_two_rules_that_nothing_tells_apart_hold_the_work() -> None:
    [(_, _, found)] = parts(WORK, ANY, Rate(Decimal(91)))
    assert found == (
        "rate card card cannot tell (90.00/h for any work) and (91/h for any work) apart"
    )


def test_a_rule_is_in_force_until_before_its_last_day() -> None:
    ends = Rate(Decimal(111), work_type="remote", valid_until=date(2026, 7, 1))
    today, yesterday = (
        replace(WORK, work_type="remote", work_date=day)
        for day in (date(2026, 7, 1), date(2026, 6, 30))
    )
    for work, winner in ((today, ANY), (yesterday, ends)):
        [(_, _, found)] = parts(work, ANY, ends)
        assert isinstance(found, Price)
        assert found.rate is winner


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({}, "a rate is one of hourly, multiplier and call_out"),
        ({"hourly": Decimal(1), "multiplier": Decimal(2)}, "a rate is one of"),
        (
            {"hourly": Decimal(1), "valid_from": NOON.date(), "valid_until": NOON.date()},
            "a rate from 2026-04-01 until 2026-04-01 has no day",
        ),
    ],
)
def test_a_rule_that_says_nothing_is_refused(terms: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Rate(**terms)  # type: ignore[arg-type]  # what is refused


def test_a_multiplied_price_keeps_every_decimal_it_needs() -> None:
    long, by = Decimal("123456789012.123456789012"), Decimal("1.123456789012")
    assert Fraction(multiplied(long, by)) == Fraction(long) * Fraction(by)
    assert str(multiplied(Decimal("90.00"), Decimal("1.5"))) == "135.00"


def card_prices(works: list[Work], *rules: Rate) -> list[str]:
    """What one card, asked for one after the other, says an hour of each comes to."""
    card = RateCard("card", "EUR", rules)
    outcomes = [card.cascade.parts(Piece(one, 0, one.seconds, ()), BERLIN)[0][2] for one in works]
    return [one if isinstance(one, str) else str(one.hourly) for one in outcomes]


def test_one_card_tells_days_clients_and_work_types_apart() -> None:
    rules = (
        Rate(Decimal(90), valid_until=date(2026, 4, 1)),
        Rate(Decimal(95), valid_from=date(2026, 4, 1)),
        Rate(Decimal(80), client="7"),
        Rate(Decimal(85), client="psa:8"),
    )
    at = Work("w", date(2026, 3, 31), 3600)
    april = replace(at, work_date=date(2026, 4, 1))
    clients = [replace(at, client=one) for one in ("psa:9", "psa:7", "rmm:7", "7", "psa:8", "8")]
    assert card_prices([at, april, at], *rules) == ["90", "95", "90"]
    assert card_prices(clients, *rules) == ["90", "80", "80", "80", "85", "90"]


def test_work_without_a_rate_is_named_by_its_own_type() -> None:
    night = Rate(Decimal(90), hours=(Window(since="18:00"),))
    noon = datetime(2026, 3, 31, 12, tzinfo=BERLIN)
    works = [
        Work("w", noon.date(), seconds, work_type=one, started_at=noon)
        for one, seconds in (("remote", 3600), ("onsite", 3600), (None, 3600), ("travel", 36000))
    ]
    assert card_prices(works, night) == [
        f"rate card card has no rate for {one} at that hour"
        for one in ("remote", "onsite", "unnamed work", "travel")
    ]


def test_parts_that_come_to_the_same_are_one() -> None:
    """From 7 to 19, cut at 8 and at 18 by a rule that another one, open from 6 to 20, outdoes."""
    day = Rate(Decimal(90), hours=(Window(since="08:00", until="18:00"),))
    long = (Window(since="06:00", until="20:00"),)
    senior = Rate(Decimal(150), role="senior", hours=long)
    late = Rate(multiplier=Decimal(2), hours=(Window(since="18:30"),))
    seven = datetime(2026, 3, 31, 7, tzinfo=BERLIN)
    work = Work("w", seven.date(), 43200, work_type="remote", role="senior", started_at=seven)

    def lengths(work: Work, *rules: Rate) -> list[tuple[int, int]]:
        return [(first_s, seconds) for first_s, seconds, _ in parts(work, *rules)]

    assert lengths(work, day, senior) == [(0, 43200)]
    assert lengths(work, day, senior, late) == [(0, 41400), (41400, 1800)]
    assert lengths(replace(work, seconds=3600), senior, late) == [(0, 3600)]
    assert lengths(replace(work, started_at=None), senior, late) == [(0, 43200)]
    assert lengths(work, Rate(Decimal(150))) == [(0, 43200)]
