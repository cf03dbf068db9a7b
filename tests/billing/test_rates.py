"""Rate cards: which rate wins on which day, and what a booking counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from tallystick.billing.facts import Work
from tallystick.billing.rates import Rate, RateCard, clock, hours

ANY = Rate(Decimal(90))
REMOTE = Rate(Decimal(100), work_type="remote")
SENIOR = Rate(Decimal(130), role="senior")
REMOTE_SENIOR = Rate(Decimal(140), work_type="remote", role="senior")
REMOTE_2027 = Rate(Decimal(105), work_type="remote", valid_from=date(2027, 1, 1))
WORK = Work("7", date(2026, 7, 1), 3600)


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
        assert RateCard("standard", "EUR", rates).find(work) is winner


def test_a_work_type_wins_over_a_role() -> None:
    work = replace(WORK, work_type="remote", role="senior")
    for rates in permutations([ANY, REMOTE, SENIOR]):
        assert RateCard("standard", "EUR", rates).find(work) is REMOTE


def test_no_rate_matches() -> None:
    assert RateCard("standard", "EUR", (REMOTE, REMOTE_2027)).find(WORK) is None
    assert RateCard("standard", "EUR", (REMOTE_2027,)).find(WORK) is None


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


def test_durations_in_words() -> None:
    assert [clock(s) for s in (0, 59, 3600, 5405, 90000)] == [
        "0:00",
        "0:00:59",
        "1:00",
        "1:30:05",
        "25:00",
    ]
    assert [str(hours(s)) for s in (0, 36000, 5400, 1200)] == ["0", "10", "1.5", "0.333333"]
