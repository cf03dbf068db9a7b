"""Rate cards: which rate wins on which day, and what a booking counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard, clock, hours
from tallystick.billing.rates.cascade import Outcome, Price
from tallystick.billing.rates.rules import Rate

ANY = Rate(Decimal(90))
REMOTE = Rate(Decimal(100), work_type="remote")
SENIOR = Rate(Decimal(130), role="senior")
REMOTE_SENIOR = Rate(Decimal(140), work_type="remote", role="senior")
REMOTE_2027 = Rate(Decimal(105), work_type="remote", valid_from=date(2027, 1, 1))
WORK = Work("7", date(2026, 7, 1), 3600)


def outcome(work: Work, *rates: Rate) -> Outcome:
    """What a card of these rules makes of a booking that is not split."""
    card = RateCard("standard", "EUR", rates)
    [(_, _, found)] = card.cascade.parts(Piece(work, 0, work.seconds, ()), ZoneInfo("UTC"))
    return found


def winner_of(work: Work, *rates: Rate) -> Rate:
    found = outcome(work, *rates)
    assert isinstance(found, Price)
    return found.rate


@pytest.mark.parametrize(
    ("work_type", "role", "on", "winner"),
    [
        (None, None, date(2026, 7, 1), ANY),
        ("onsite", "junior", date(2026, 7, 1), ANY),
        ("remote", "junior", date(2026, 7, 1), REMOTE),
        ("onsite", "senior", date(2026, 7, 1), SENIOR),
        ("remote", "senior", date(2026, 7, 1), REMOTE_SENIOR),
        ("remote", "junior", date(2026, 12, 31), REMOTE),
        ("remote", "junior", date(2027, 1, 1), REMOTE_2027),
        ("remote", "senior", date(2027, 1, 1), REMOTE_SENIOR),
    ],
)
def test_the_most_specific_rate_in_force_wins(
    work_type: str | None, role: str | None, on: date, winner: Rate
) -> None:
    work = replace(WORK, work_type=work_type, role=role, work_date=on)
    for rates in permutations([ANY, REMOTE, SENIOR, REMOTE_SENIOR, REMOTE_2027]):
        assert winner_of(work, *rates) is winner


def test_a_work_type_wins_over_a_role() -> None:
    work = replace(WORK, work_type="remote", role="senior")
    for rates in permutations([ANY, REMOTE, SENIOR]):
        assert winner_of(work, *rates) is REMOTE


def test_no_rate_matches() -> None:
    why = "rate card standard has no rate for unnamed work"
    assert outcome(WORK, REMOTE, REMOTE_2027) == outcome(WORK, REMOTE_2027) == why


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(0, 0), (1, 1800), (1800, 1800), (1801, 2700), (2700, 2700), (2701, 3600), (86400, 86400)],
)
def test_a_booking_counts_at_least_the_minimum_in_started_increments(
    seconds: int, counts: int
) -> None:
    card = RateCard("standard", "EUR", (ANY,), minimum_s=1500, increment_s=900)
    assert card.counted(seconds) == counts
    assert RateCard("exact", "EUR", (ANY,)).counted(seconds) == seconds


def test_the_rounding_in_words() -> None:
    card = RateCard("standard", "EUR", (ANY,), minimum_s=900, increment_s=900)
    assert card.rounding(3600) == "1:00 worked"
    assert card.rounding(4205) == (
        "1:10:05 worked counts 1:15 (minimum 0:15, then each started 0:15)"
    )


def test_rates_in_words() -> None:
    assert str(ANY) == "90/h for any work"
    assert str(REMOTE_2027) == "105/h for work type remote from 2027-01-01"
    assert str(REMOTE_SENIOR) == "140/h for work type remote and role senior"
    ended = Rate(Decimal(90), valid_until=date(2027, 1, 1))
    assert str(ended) == "90/h for any work until before 2027-01-01"


def test_durations_in_words() -> None:
    assert [clock(s) for s in (0, 59, 3600, 5405, 90000)] == [
        "0:00",
        "0:00:59",
        "1:00",
        "1:30:05",
        "25:00",
    ]
    assert [str(hours(s)) for s in (0, 36000, 5400, 1200)] == ["0", "10", "1.5", "0.333333"]
