"""Proration: the documented shares, and that the parts of a period make the whole."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.schedule.proration import Convention, in_words, share, titled
from tallystick.period import Cycle, Period, Unit, month

JULY = month(2026, 7)
FEBRUARY = month(2026, 2)


@pytest.mark.parametrize(
    ("whole", "first", "last", "actual_days", "thirty_day_month"),
    [
        (JULY, 1, 31, "1", "1"),
        (JULY, 15, 31, "17/31", "16/30"),
        (JULY, 1, 14, "14/31", "14/30"),
        (JULY, 1, 30, "30/31", "1"),
        (JULY, 31, 31, "1/31", "0"),
        (FEBRUARY, 1, 14, "14/28", "14/30"),
        (FEBRUARY, 15, 28, "14/28", "16/30"),
        (month(2024, 2), 29, 29, "1/29", "2/30"),
        (month(2026, 4), 30, 30, "1/30", "1/30"),
    ],
)
def test_documented_shares(
    whole: Period, first: int, last: int, actual_days: str, thirty_day_month: str
) -> None:
    start = whole.start.replace(day=first)
    part = Period(start, whole.start.replace(day=last) + timedelta(days=1))
    assert share(part, whole, "actual_days") == Fraction(actual_days)
    assert share(part, whole, "thirty_day_month") == Fraction(thirty_day_month)
    assert share(part, whole, "none") == (part == whole)
    assert share(part, whole, "full") == 1


def test_a_quarter_has_ninety_days_of_thirty_day_months() -> None:
    quarter = Period(date(2026, 1, 1), date(2026, 4, 1))
    assert share(Period(date(2026, 2, 15), quarter.end), quarter, "thirty_day_month") == Fraction(
        46, 90
    )
    assert share(Period(date(2026, 2, 15), quarter.end), quarter, "actual_days") == Fraction(45, 90)


@pytest.mark.parametrize("convention", ["actual_days", "thirty_day_month"])
@given(
    day=st.dates(date(1990, 1, 1), date(2050, 1, 1)),
    unit=st.sampled_from(["month", "quarter", "year"]),
    cuts=st.sets(st.integers(1, 360), max_size=6),
)
def test_the_parts_of_a_period_make_the_whole(
    convention: Convention, day: date, unit: Unit, cuts: set[int]
) -> None:
    whole = Cycle(unit, 1, date(2001, 1, 1)).containing(day)
    inner = sorted(
        whole.start + timedelta(days=cut)
        for cut in cuts
        if whole.start + timedelta(days=cut) < whole.end
    )
    edges = [whole.start, *inner, whole.end]
    shares = [share(Period(start, end), whole, convention) for start, end in pairwise(edges)]
    assert sum(shares) == 1
    assert all(0 <= one <= 1 for one in shares)


def test_the_words_name_part_whole_share_and_convention() -> None:
    part = Period(date(2026, 7, 15), JULY.end)
    assert in_words(part, JULY, Fraction(17, 31), "actual_days") == (
        "2026-07-15..2026-07-31 of 2026-07, prorated 17/31 by actual_days"
    )
    assert in_words(JULY, JULY, Fraction(1), "actual_days") == ""


def test_the_invoice_text_names_the_share_of_a_part() -> None:
    part = Period(date(2026, 7, 15), JULY.end)
    said = titled("Care plan", part, JULY, Fraction(17, 31), "actual_days")
    assert said == "Care plan (prorated 17/31)"
    assert titled("Care plan", JULY, JULY, Fraction(1), "actual_days") == "Care plan"


def test_a_share_is_told_in_days_and_not_reduced() -> None:
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    part = Period(date(2026, 6, 1), date(2026, 6, 15))
    assert titled("Fee", part, june, Fraction(7, 15), "actual_days") == "Fee (prorated 14/30)"
    assert "prorated 14/30 by" in in_words(part, june, Fraction(7, 15), "actual_days")
    half = Period(date(2026, 7, 1), date(2026, 7, 16))
    assert "prorated 15/30 by" in in_words(half, JULY, Fraction(1, 2), "thirty_day_month")
