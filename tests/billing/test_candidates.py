"""Every candidate of the rate cascade, told with why it won or lost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.candidates import candidates
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.cascade import Price
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window

from .rate_strategies import rates, timed_works

BERLIN = ZoneInfo("Europe/Berlin")
AT_FIVE = datetime(2026, 7, 1, 17, tzinfo=BERLIN)
WORK = Work("psa:7", AT_FIVE.date(), 7200, work_type="remote", role="senior", started_at=AT_FIVE)
RATES = (
    Rate(Decimal("90.00")),
    Rate(Decimal("80.00"), work_type="remote"),
    Rate(Decimal("85.00"), work_type="remote", valid_from=date(2026, 1, 1)),
    Rate(Decimal("120.00"), role="senior"),
    Rate(Decimal("60.00"), work_type="travel"),
    Rate(multiplier=Decimal("1.5"), hours=Window(since="18:00")),
)


def told(work: Work, *rules: Rate) -> list[tuple[str, list[tuple[str, bool, str]]]]:
    card = RateCard("standard", "EUR", rules)
    return [
        (one.comes_to, [(each.rate, each.won, each.because) for each in one.candidates])
        for one in candidates(Piece(work, 0, work.seconds, ()), card, BERLIN)
    ]


def test_each_part_names_every_rule_and_why_it_won_or_lost() -> None:
    day, evening = told(WORK, *RATES)
    prices = [
        ("85.00/h for work type remote from 2026-01-01", True, "wins"),
        ("80.00/h for work type remote", False, "the winner is newer, from 2026-01-01"),
        ("60.00/h for work type travel", False, "work type is remote"),
        ("120.00/h for role senior", False, "the winner names the work type, which is stronger"),
        ("90.00/h for any work", False, "names 0 conditions, the winner 1"),
    ]
    evening_rate = "x 1.5 for hours 18:00-24:00"
    assert (day[0], evening[0]) == ("85.00 EUR an hour", "127.50 EUR an hour")
    assert day[1][:2] == prices[:2]  # the strongest first
    assert sorted(day[1][:5]) == sorted(prices)
    assert day[1][5] == (evening_rate, False, "other hours")
    assert sorted(evening[1][:5]) == sorted(prices)
    assert evening[1][5] == (evening_rate, True, "wins")


def test_what_is_not_known_and_what_is_not_told_apart_is_said() -> None:
    [(comes_to, found)] = told(replace(WORK, started_at=None, work_type=None), *RATES)
    assert comes_to.endswith("the booking's start is not known")
    assert found[-1] == ("x 1.5 for hours 18:00-24:00", False, "the booking's start is not known")
    assert ("60.00/h for work type travel", False, "work type is not known") in found
    [(_, alike)] = told(WORK, RATES[0], Rate(Decimal(91)))
    assert {one[1:] for one in alike} == {(False, "nothing tells it apart from the other")}


def test_a_weaker_rule_says_how_much_it_names() -> None:
    both = Rate(Decimal(70), work_type="remote", role="senior")
    three = Rate(Decimal(60), work_type="remote", role="senior", client="psa:1")
    [(_, found)] = told(replace(WORK, client="psa:1"), RATES[1], both, three)
    assert [because for *_, because in found] == [
        "wins",
        "names 2 conditions, the winner 3",
        "names 1 condition, the winner 3",
    ]


@given(st.lists(rates(), max_size=6), timed_works())
def test_the_winners_told_are_those_that_priced(rules: list[Rate], work: Work) -> None:
    card = RateCard("card", "EUR", tuple(rules))
    piece = Piece(work, 0, work.seconds, ())
    parts = card.cascade.parts(piece, BERLIN)
    for (first_s, seconds, found), one in zip(parts, candidates(piece, card, BERLIN), strict=True):
        assert (one.first_s, one.seconds, len(one.candidates)) == (first_s, seconds, len(rules))
        assert all(each.because for each in one.candidates)
        if isinstance(found, Price):
            winners = [found.rate, found.multiplier, found.call_out]
            won = [each.rate for each in one.candidates if each.won]
            assert won == [str(each) for each in winners if each]
