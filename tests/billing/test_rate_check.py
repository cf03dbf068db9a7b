"""Rates that cannot be meant, each with the sentence and the fix, and those that look alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.check import pointless
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window

from .rate_strategies import UTC_ZONE, rates

NINETY, HUNDRED = Decimal(90), Decimal(100)
ANY = Rate(NINETY)
REMOTE = Rate(NINETY, work_type="remote")
DAY = Window(since="08:00", until="18:00", days="mon-fri")
NIGHT = (Window(since="18:00", days="mon-fri"), Window(until="08:00", days="mon-fri"))
WEEKEND = Window(days="sat,sun")
ALWAYS = Window(since="08:00", until="08:00")
OPEN = Window(calendar="DE", on_holidays="closed")
HOLIDAY = Window(calendar="DE", on_holidays="only")


def times(by: str, **conditions: object) -> Rate:
    return Rate(multiplier=Decimal(by), **conditions)  # type: ignore[arg-type]  # tests only


@pytest.mark.parametrize(
    "rates",
    [
        (ANY, REMOTE),
        (ANY, Rate(HUNDRED, valid_from=date(2026, 4, 1))),
        (Rate(NINETY, valid_until=date(2026, 4, 1)), Rate(HUNDRED, valid_from=date(2026, 4, 1))),
        (REMOTE, Rate(HUNDRED, work_type=("onsite", "project"))),
        (REMOTE, Rate(HUNDRED, role="senior")),
        (ANY, times("1.5", hours=NIGHT), times("2", hours=WEEKEND)),
        (ANY, times("1.5", hours=OPEN), times("2", hours=HOLIDAY)),
        (ANY, times("1.5"), Rate(call_out=NINETY)),
        (Rate(NINETY, client="psa:7"), Rate(NINETY, client="psa:8")),
        (ANY, Rate(HUNDRED, hours=DAY), Rate(HUNDRED, hours=NIGHT)),
        (ANY, Rate(HUNDRED, hours=ALWAYS, valid_from=date(2026, 4, 1))),
        (ANY, Rate(HUNDRED, hours=ALWAYS, valid_until=date(2026, 4, 1))),
        (ANY, Rate(HUNDRED, hours=ALWAYS, work_type="remote")),
        (ANY, Rate(HUNDRED, hours=OPEN)),
        (ANY, Rate(HUNDRED, hours=ALWAYS, work_type=("remote", "onsite"))),
        (ANY, times("1.5", work_type="remote")),
        (REMOTE, times("1.5")),
        (Rate(NINETY, valid_from=date(2026, 4, 1)), Rate(HUNDRED, valid_until=date(2026, 4, 1))),
        (
            Rate(NINETY, work_type=("remote", "onsite")),
            Rate(HUNDRED, hours=ALWAYS, work_type="remote"),
        ),
    ],
)
def test_rates_that_can_be_meant(rates: tuple[Rate, ...]) -> None:
    assert list(pointless(rates)) == []


@pytest.mark.parametrize(
    ("rates", "nth", "what"),
    [
        ((ANY, Rate(HUNDRED)), 1, "nothing tells it apart from another (90/h for any work)"),
        ((REMOTE, Rate(HUNDRED, work_type=("onsite", "remote"))), 1, "nothing tells it apart"),
        ((Rate(NINETY, client="7"), Rate(HUNDRED, client="psa:7")), 1, "nothing tells it apart"),
        ((ANY, times("1.5", hours=ALWAYS), times("2", hours=WEEKEND)), 2, "nothing tells it apart"),
        ((ANY, times("1.5", hours=OPEN), times("2", hours=WEEKEND)), 2, "nothing tells it apart"),
        ((ANY, Rate(call_out=HUNDRED), Rate(call_out=NINETY)), 2, "nothing tells it apart"),
        (
            (ANY, Rate(HUNDRED, hours=ALWAYS)),
            0,
            "it can never win: (100/h for hours 08:00-08:00) always does",
        ),
        (
            (*(Rate(HUNDRED, hours=one) for one in (WEEKEND, DAY, NIGHT)), ANY),
            3,
            "it can never win",
        ),
        (
            (REMOTE, Rate(HUNDRED, hours=ALWAYS, work_type=("onsite", "remote"))),
            0,
            "it can never win",
        ),
        (
            (ANY, times("1.5", hours=HOLIDAY), times("2", hours=ALWAYS)),
            2,
            "nothing tells it apart",
        ),
        (
            (Rate(NINETY, valid_from=date(2026, 4, 1)), times("2", valid_until=date(2026, 4, 1))),
            1,
            "so it multiplies nothing",
        ),
        ((Rate(NINETY, client="psa:7"), Rate(HUNDRED, client="7")), 1, "nothing tells it apart"),
        ((REMOTE, times("1.5", work_type="onsite")), 1, "so it multiplies nothing"),
        ((Rate(NINETY, hours=DAY), times("1.5", hours=WEEKEND)), 1, "so it multiplies nothing"),
        (
            (Rate(NINETY, valid_until=date(2026, 4, 1)), times("2", valid_from=date(2026, 4, 1))),
            1,
            "so it multiplies nothing",
        ),
    ],
)
def test_a_rate_that_cannot_be_meant_is_named_with_its_reason(
    rates: tuple[Rate, ...], nth: int, what: str
) -> None:
    [found] = pointless(rates)
    assert (found.nth, what in found.what) == (nth, True), found


starts = st.datetimes(datetime(2026, 2, 2), datetime(2026, 7, 28), timezones=st.just(UTC_ZONE))


@given(st.lists(rates(), min_size=1, max_size=6), starts, st.data())
def test_what_the_check_passes_is_never_held_for_want_of_a_difference(
    rules: list[Rate], started_at: datetime, data: st.DataObject
) -> None:
    """And whenever a booking is held so, the check had named the two."""
    work = Work(
        "7",
        started_at.date(),
        6 * 3600,
        work_type=data.draw(st.sampled_from([None, "remote", "onsite"])),
        role=data.draw(st.sampled_from([None, "senior"])),
        client="psa:7",
        started_at=started_at,
    )
    card = RateCard("card", "EUR", tuple(rules))
    parts = card.cascade.parts(Piece(work, 0, work.seconds, ()), UTC_ZONE)
    held = any(isinstance(one, str) and "apart" in one for _, _, one in parts)
    named = any("apart" in one.what for one in pointless(rules))
    assert named or not held
    shifted = replace(work, started_at=started_at + timedelta(microseconds=999))
    assert card.cascade.parts(Piece(shifted, 0, work.seconds, ()), UTC_ZONE) == parts
