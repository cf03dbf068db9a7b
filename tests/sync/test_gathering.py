"""Alerts gathered into tickets: one of each problem, whatever is told how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.sync.gathering import Alert, gather

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def alert(ref: str, minute: int, *, over: bool = False, key: str = "disk") -> Alert:
    return Alert(ref, key, NOON + timedelta(minutes=minute), over)


def closed(**at: int) -> Callable[[str], datetime | None]:
    """Tickets closed so many minutes after noon."""
    return lambda ticket: NOON + timedelta(minutes=at[ticket]) if ticket in at else None


def test_a_problem_is_made_once_however_often_it_is_told_at_once() -> None:
    found = gather([alert("b", 5), alert("a", 1), alert("c", 6)], {}, closed(), HOUR)
    assert (found.making, found.joining, found.speaking) == (["a"], {}, {})


def test_what_was_over_before_it_had_a_ticket_makes_none() -> None:
    found = gather([alert("a", 1, over=True)], {}, closed(), HOUR)
    assert not (found.making or found.joining or found.speaking)


def test_a_flap_joins_the_open_ticket_and_speaks_for_it() -> None:
    told = [alert("a", 1, over=True), alert("b", 5)]
    found = gather(told, {"a": "T"}, closed(), timedelta())
    assert (found.making, found.joining, found.speaking) == ([], {"b": "T"}, {"T": "b"})


@pytest.mark.parametrize(("minute", "joins"), [(69, True), (70, False)])
def test_a_closed_ticket_is_opened_again_for_a_while(minute: int, joins: bool) -> None:
    told = [alert("a", 1, over=True), alert("b", minute)]
    found = gather(told, {"a": "T"}, closed(T=10), HOUR)
    assert found.joining == ({"b": "T"} if joins else {})
    assert found.making == ([] if joins else ["b"])


def test_the_newest_that_is_not_over_speaks() -> None:
    told = [alert("a", 1), alert("b", 2), alert("c", 3, over=True)]
    found = gather(told, dict.fromkeys("abc", "T"), closed(), HOUR)
    assert found.speaking == {"T": "b"}


def test_two_problems_are_two_tickets() -> None:
    found = gather([alert("a", 1), alert("b", 1, key="fan")], {}, closed(), HOUR)
    assert sorted(found.making) == ["a", "b"]


ALERTS = st.lists(
    st.builds(
        Alert,
        st.sampled_from("abcdefgh"),
        st.sampled_from(["disk", "fan"]),
        st.integers(0, 200).map(lambda n: NOON + timedelta(minutes=n)),
        st.booleans(),
    ),
    unique_by=lambda one: one.id,
)


@given(ALERTS, st.permutations("abcdefgh"))
def test_run_after_run_there_is_one_open_ticket_a_problem(
    told: list[Alert], order: list[str]
) -> None:
    """In whatever order alerts become known, no problem has two tickets while none is closed, and
    whoever looked once and did what was found has nothing more to do."""
    ticket_of: dict[str, str] = {}
    for known in range(1, len(order) + 1):
        seen = [one for one in told if one.id in order[:known]]
        for _ in range(2):
            found = gather(seen, ticket_of, closed(), HOUR)
            ticket_of |= found.joining
            ticket_of |= {ref: f"T-{ref}" for ref in found.making}
        after = gather(seen, ticket_of, closed(), HOUR)
        assert not (after.making or after.joining)
    by_ticket = {ticket_of[one.id]: one.key for one in told if one.id in ticket_of}
    assert len(by_ticket) == len(set(by_ticket.values()))
