"""Schedules keep every tick, through changes of the clocks and through nights nobody was there."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.config.schedules import Schedule
from tallystick.engine.schedules import Due, due, next_tick, note_due, require_cronsim, ticks
from tallystick.engine.serve import Health, Signals, look
from tallystick.errors import Stop

from .office import Office, issue, office

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = """
[[schedule]]
task = "settle"
cron = "15 2 * * *"
"""
MONTHLY = """
[[schedule]]
task = "bill run"
cron = "0 5 1 * *"
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def told(cron: str, since: str, until: str) -> list[str]:
    found = ticks(cron, at(since), at(until), BERLIN)
    return [f"{tick.astimezone(BERLIN):%m-%d %H:%M%z}" for tick in found]


def test_a_time_the_clocks_skip_comes_right_after() -> None:
    assert told("30 2 * * *", "2026-03-28T00:00", "2026-03-30T12:00") == [
        "03-28 02:30+0100",
        "03-29 03:00+0200",
        "03-30 02:30+0200",
    ]


def test_a_time_that_comes_twice_is_kept_once() -> None:
    assert told("30 2 * * *", "2026-10-24T12:00", "2026-10-26T12:00") == [
        "10-25 02:30+0200",
        "10-26 02:30+0100",
    ]


def test_every_hour_is_every_true_hour() -> None:
    night = told("0 * * * *", "2026-10-25T00:30", "2026-10-25T04:30")
    assert night == [
        "10-25 01:00+0200",
        "10-25 02:00+0200",
        "10-25 02:00+0100",
        "10-25 03:00+0100",
        "10-25 04:00+0100",
    ]


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    st.lists(st.integers(1, 40_000), min_size=1, max_size=8),
    st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 5 1 * *", "15 3 * * 0", "0 0 29 2 *"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_looking_often_or_once_finds_the_same_ticks(
    start: datetime, steps: list[int], cron: str, name: str
) -> None:
    """No tick is lost at an edge between two looks, and none comes twice."""
    zone, since = ZoneInfo(name), start.replace(tzinfo=UTC)
    edges = [since]
    for minutes in steps:
        edges.append(edges[-1] + timedelta(minutes=minutes))
    often = [tick for a, b in pairwise(edges) for tick in ticks(cron, a, b, zone)]
    assert often == list(ticks(cron, since, edges[-1], zone))
    assert next_tick(cron, since, zone) > since


def test_missed_ticks_become_one_run_that_says_so() -> None:
    nightly = Schedule(task="settle", cron="15 2 * * *")
    assert due(nightly, at("2026-09-01T12:00"), at("2026-09-08T12:00"), BERLIN) == [
        Due("", at("2026-09-02T02:15"), at("2026-09-08T02:15"), 7)
    ]


def test_every_missed_month_is_billed() -> None:
    """Two months nobody was there: the first of them is not passed over."""
    monthly = Schedule(task="bill run", cron="0 5 1 * *")
    found = due(monthly, at("2026-07-15T00:00"), at("2026-10-02T00:00"), BERLIN)
    assert [(one.period, one.ticks) for one in found] == [
        ("2026-07", 1),
        ("2026-08", 1),
        ("2026-09", 1),
    ]
    ahead = Schedule(task="bill run", cron="0 5 1 * *", month="this")
    [*_, last] = due(ahead, at("2026-07-15T00:00"), at("2026-10-02T00:00"), BERLIN)
    assert last.period == "2026-10"


def go(there: Office) -> None:
    look(there.installation, Signals(), Health(there.clock()))


def test_a_week_away_is_told(tmp_path: Path) -> None:
    with office(tmp_path, more=NIGHTLY) as there:
        go(there)
        assert there.runs() == [], "what was before it was watched is nobody's miss"
        there.clock.go(days=1)
        go(there)
        go(there)
        there.clock.go(days=7)
        go(there)
        reports = [(row.state, row.report) for row in there.runs()]
        assert [(state, said["due"], said["missed"]) for state, said in reports] == [
            ("done", 1, 0),
            ("done", 7, 6),
        ]


def test_a_run_that_fails_stays_due_and_its_ticks_are_counted(tmp_path: Path) -> None:
    """Accounting is away for three nights: nothing says success until it was one."""
    with office(tmp_path, more=NIGHTLY.replace("settle", "send")) as there:
        go(there)
        for _ in range(3):
            there.clock.go(days=1)
            go(there)
        [row] = there.runs()
        assert (row.state, row.ticks) == ("due", 1)
        assert "no [email]" in there.postponed()[str(row.id)].reason


def test_the_months_of_a_bill_run_are_all_done(tmp_path: Path) -> None:
    with office(tmp_path, more=MONTHLY) as there:
        go(there)
        there.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
        go(there)
        assert [(row.period, row.state) for row in there.runs()] == [
            ("2026-10", "done"),
            ("2026-11", "done"),
            ("2026-12", "done"),
        ]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_tick_is_noted_once_however_many_look(small: Office) -> None:
    config = small.installation.config.model_copy(
        update={"schedule": (Schedule(task="settle", cron="* * * * *"),)}
    )
    installation = replace(small.installation, config=config)
    note_due(installation)
    for _ in range(5):
        small.clock.go(minutes=1)
        with ThreadPoolExecutor(6) as pool:
            noted = [pool.submit(note_due, installation) for _ in range(6)]
            assert sum(len(one.result()) for one in noted) == 1
        look(installation, Signals(), Health(small.clock()))
    assert [row.ticks for row in small.runs()] == [1] * 5


def test_without_the_library_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "cronsim", None)
    with pytest.raises(Stop, match=r"tallystick\[serve\]"):
        require_cronsim()


def test_work_goes_on_beside_schedules(tmp_path: Path) -> None:
    with office(tmp_path, more=NIGHTLY) as there:
        issue(there.installation.database, ["INV-1"])
        go(there)
        assert there.states() == {"INV-1": "posted"}
