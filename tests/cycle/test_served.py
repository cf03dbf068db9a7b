"""Devices and users on a day, and the same counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.views.served import Served, Serving, Span

days = st.integers(0, 40).map(lambda after: date(2026, 1, 1) + timedelta(after))
spans = st.lists(st.tuples(st.none() | days, st.sampled_from([None, None]) | days), max_size=6)


@given(spans, spans, days)
def test_they_are_counted_one_by_one(devices: list[Span], users: list[Span], day: date) -> None:
    there = [
        [since for since, until in of if (since or day) <= day and (until is None or until > day)]
        for of in (devices, users)
    ]
    ages = [(day - since).days for since in there[0] if since]
    expected = Served(
        len(there[0]), len(there[1]), round(Fraction(sum(ages), len(ages))) if ages else 0
    )
    assert Serving({"C": devices} if devices else {}, {"C": users}).of("C")(day) == expected
    assert Serving({}, {}).of("C")(day) == Served()
