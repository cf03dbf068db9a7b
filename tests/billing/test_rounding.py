"""Rounding of time: groups count as one, parts share what is counted, amounts round once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard, shares
from tallystick.billing.rates.rounding import rounded
from tallystick.money import Money

JULY = date(2026, 7, 1)
seconds = st.sampled_from([0, 60, 600]) | st.integers(0, 20_000)


@st.composite
def works(draw: st.DrawFn) -> list[Work]:
    found = [
        Work(
            f"w{n:02}",
            JULY + timedelta(days=draw(st.integers(0, 2))),
            draw(seconds),
            ticket=draw(st.sampled_from([None, "T1", "T2"])),
        )
        for n in range(draw(st.integers(1, 8)))
    ]
    return sorted(found, key=lambda one: (one.work_date, one.ref))


def counted(works: list[Work], card: RateCard) -> dict[str, int]:
    pieces = [Piece(work, 0, work.seconds, ()) for work in works]
    return {own[0].work.ref: counts for own, counts, _ in rounded(pieces, card)}


@given(works(), st.sampled_from(["booking", "ticket", "ticket_day"]), st.integers(0, 3600))
def test_a_group_counts_as_one_and_a_later_booking_changes_nothing(
    works: list[Work], per: str, minimum_s: int
) -> None:
    card = RateCard("card", "EUR", (), minimum_s, 900, per)  # type: ignore[arg-type]  # one of three
    counts = counted(works, card)
    worked: dict[object, int] = defaultdict(int)
    together: dict[object, int] = defaultdict(int)
    for work in works:
        key: object = (work.ticket, work.work_date if per == "ticket_day" else None)
        if work.ticket is None or per == "booking":
            key = work.ref
        worked[key] += work.seconds
        together[key] += counts[work.ref]
    for key, all_s in worked.items():
        least = max(all_s, minimum_s) if all_s else 0
        assert 0 <= together[key] - least < 900
        assert together[key] % 900 == 0
    assert all(one >= 0 for one in counts.values())
    for until in range(len(works)):
        assert counted(works[:until], card).items() <= counts.items()


@given(st.lists(seconds, min_size=1, max_size=5), st.integers(0, 30_000))
def test_parts_share_what_is_counted_and_the_last_takes_the_rest(
    worked: list[int], counts: int
) -> None:
    found = shares(counts, worked)
    assert sum(found) == counts
    assert all(0 <= share <= own for share, own in zip(found[:-1], worked, strict=False))
    if counts >= sum(worked):
        assert found[:-1] == worked[:-1]


def test_the_pieces_of_a_booking_are_rounded_as_one() -> None:
    work = Work("1", JULY, 600)
    pieces = [Piece(work, 0, 200, ()), Piece(work, 200, 400, ())]
    [(own, counts, why)] = rounded(pieces, RateCard("card", "EUR", (), 900, 900))
    assert (own, counts) == (pieces, 900)
    assert why == "0:10 worked counts 0:15 (minimum 0:15, then each started 0:15)"


@pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("EUR", 2), ("KWD", 3)])
@given(
    st.decimals("-1e9", "1e9", places=6), st.integers(0, 90_000), st.sampled_from([1, 3600, 7200])
)
def test_an_amount_by_whole_numbers_is_the_fraction_rounded_half_away_from_zero(
    currency: str, places: int, hourly: Decimal, counts: int, per: int
) -> None:
    numerator, denominator = hourly.as_integer_ratio()
    exact = Fraction(hourly) * counts / per
    doubled = abs(exact) * 10**places * 2
    away = int((doubled + 1) // 2) * (1 if exact >= 0 else -1)
    found = Money.quotient(numerator * counts, denominator * per, currency)
    assert found == Money(away, currency) == Money.rounded(exact, currency)


def test_bookings_of_a_ticket_count_on_from_all_before() -> None:
    works = [Work(f"w{n}", JULY, 600, ticket="T") for n in range(5)]
    card = RateCard("card", "EUR", (), 1800, 900, "ticket")
    assert list(counted(works, card).values()) == [1800, 0, 0, 900, 900]
    alone = RateCard("card", "EUR", (), 1800, 900)
    assert list(counted(works, alone).values()) == [1800] * 5
