"""Included work is told as a difference: whatever changes, all that was told sums to what is so."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.invoice.detail import Included, Key, untold

DAY = date(2026, 7, 1)
keys = st.sampled_from([("C", "L1", "1"), ("C", "L1", "2"), ("C", "L2", "1"), ("D", "L3", "3")])
states = st.lists(st.dictionaries(keys, st.integers(1, 9)), max_size=5)


def of(state: dict[Key, int]) -> list[Included]:
    return [Included(*key[:2], "Care", key[2], DAY, seconds) for key, seconds in state.items()]


@given(states)
def test_what_was_told_sums_to_what_is_so(found: list[dict[Key, int]]) -> None:
    told: dict[Key, int] = {}
    for state in found:
        before = {one.key: one for one in of(told)}
        now = untold(of(state), before)
        assert all(one.seconds for one in now)
        assert [one.key for one in now] == sorted(one.key for one in now)
        for one in now:
            told[one.key] = told.get(one.key, 0) + one.seconds
        assert {key: seconds for key, seconds in told.items() if seconds} == state
        assert untold(of(state), {one.key: one for one in of(told)}) == ()
