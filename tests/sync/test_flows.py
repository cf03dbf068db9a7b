"""Flows: what one tool knows reaches the other once, in its words, and nothing goes in circles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.engine.flow_plan import FlowReport
from tallystick.engine.inbound import sync
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.progress import Quiet
from tallystick.sync.flowing import Flow, Side, step, too_much

from .desks import Desk, desk, plugins

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "desk"
home = ["client"]
settings = { folder = "psa" }
[connection.rmm]
connector = "desk"
home = ["asset"]
settings = { folder = "rmm" }
[[flow]]
record = "asset"
from = "rmm"
to = "psa"
fields = ["name", "client", "serial", "type"]
"""


@dataclass
class Office:
    installation: Installation
    psa: Desk
    rmm: Desk
    clock: list[datetime]

    def sync(self, **how: bool) -> FlowReport:
        [report] = sync(self.installation, Quiet(), **how).flows
        return report


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    text = CONFIG + str(getattr(request, "param", ""))
    (tmp_path / "tallystick.toml").write_text(text, encoding="utf-8")
    psa, rmm = desk(tmp_path, "psa"), desk(tmp_path, "rmm")
    psa.tell("client", "1", name="Acme Dental")
    rmm.tell("client", "S1", name="Acme Dental")
    rmm.tell("asset", "D1", name="PC-01", client="S1", serial="SER-0001", type="server")
    clock, path = [NOON], tmp_path / "tallystick.toml"
    with open_installation(path, lambda: clock[-1], plugins(), {}) as opened:
        yield Office(opened, psa, rmm, clock)


def test_a_device_is_made_once_under_the_clients_own_id_there(office: Office) -> None:
    first = office.sync()
    assert (first.created, first.updated, first.problems) == (1, 0, [])
    [made] = office.psa.data["asset"].values()
    assert made == {
        "id": "new-1",
        "name": "PC-01",
        "client": "1",
        "serial": "SER-0001",
        "type": "server",
    }
    again = office.sync()
    assert (again.steps, office.psa.data["pushes"]) == ([], 1)


def test_a_device_of_no_client_stays_where_it_is(office: Office) -> None:
    """Such as the monitoring server itself, which is the MSP's own."""
    office.rmm.tell("asset", "D0", name="Monitoring", client=None, serial="SER-0000")
    first = office.sync()
    assert (first.created, first.problems) == (1, [])
    assert [one["name"] for one in office.psa.data["asset"].values()] == ["PC-01"]
    assert office.sync().steps == []


def test_only_what_changed_goes_over(office: Office) -> None:
    office.sync()
    office.rmm.tell("asset", "D1", name="PC-01b")
    report = office.sync()
    assert (report.created, report.updated) == (0, 1)
    assert [tuple(one) for one in report.steps[0].changes] == [("name", "PC-01", "PC-01b")]
    assert office.psa.data["asset"]["new-1"]["name"] == "PC-01b"
    assert office.sync().steps == []


def test_a_change_that_comes_again_goes_over_again(office: Office) -> None:
    office.sync()
    for at, name in enumerate(("B", "A", "B", "A"), 1):
        office.clock.append(NOON + timedelta(hours=at))
        office.rmm.tell("asset", "D1", name=name)
        assert office.sync().updated == 1
        assert office.psa.data["asset"]["new-1"]["name"] == name


def test_a_device_that_is_there_already_is_found_and_not_made_again(office: Office) -> None:
    office.psa.tell("asset", "A7", name="pc-01", client="1", serial="SER-0001", type="server")
    report = office.sync()
    assert (report.created, report.updated) == (0, 1)
    assert list(office.psa.data["asset"]) == ["A7"]
    assert office.psa.data["asset"]["A7"]["name"] == "PC-01"


def test_an_answer_that_was_lost_makes_nothing_twice(office: Office) -> None:
    data = office.psa.data
    data["lose"] = 1
    office.psa.save(data)
    first = office.sync()
    assert first.created == 0 and "did not answer" in str(first.problems[0])
    assert office.sync().created + len(office.psa.data["asset"]) >= 1
    assert len(office.psa.data["asset"]) == 1
    assert office.psa.data["pushes"] == 1
    assert office.sync().steps == []


def test_a_client_the_target_does_not_know_is_a_problem_and_nothing_else(office: Office) -> None:
    office.rmm.tell("client", "S2", name="Nobody")
    office.rmm.tell("asset", "D2", name="PC-02", client="S2")
    report = office.sync()
    assert report.created == 1
    assert "psa does not know its client S2." in str(report.problems[0])


def test_a_dry_run_says_what_would_be_and_sends_nothing(office: Office) -> None:
    report = office.sync(dry_run=True)
    [one] = report.steps
    assert one.creates and one.values["client"] == "1"
    assert office.psa.data["pushes"] == 0
    assert office.sync().created == 1


def test_very_much_at_once_waits_until_somebody_accepts_it(office: Office) -> None:
    for n in range(20):
        office.rmm.tell("asset", f"X{n}", name=f"X-{n}", client="S1")
    report = office.sync()
    assert (report.held, office.psa.data["pushes"]) == (21, 0)
    assert office.sync(accept_flows=True).created == 21


@pytest.mark.parametrize(
    ("office", "expected"),
    [('conflict = "source"', "rmm"), ('conflict = "target"', "psa"), ('conflict = "ask"', "psa")],
    indirect=["office"],
)
def test_where_both_sides_changed_the_rule_decides(office: Office, expected: str) -> None:
    office.sync()
    office.rmm.tell("asset", "D1", name="rmm")
    office.psa.tell("asset", "new-1", name="psa")
    report = office.sync()
    assert office.psa.data["asset"]["new-1"]["name"] == expected
    assert report.asked == (office.installation.config.flow[0].conflict == "ask")


VALUES = st.dictionaries(st.sampled_from(["name", "type"]), st.sampled_from(["a", "b", "c"]))
RULES = st.sampled_from(["source", "target", "newest", "ask"])


def flow(rule: Any) -> Flow:
    return Flow("asset", "rmm", "psa", ("name", "type"), rule, create=True)


@given(VALUES, VALUES, VALUES, RULES)
def test_what_was_done_leaves_nothing_to_do(
    mine: dict[str, str], theirs: dict[str, str], last: dict[str, str], rule: str
) -> None:
    one = step(flow(rule), Side("s", mine), Side("t", theirs), last)
    if one is None:
        return
    after = {**theirs, **one.values}
    left = step(flow(rule), Side("s", mine), Side("t", after), {**last, **one.values})
    assert left is None or not left.changes
    assert {change.field for change in one.changes}.isdisjoint(change.field for change in one.asked)


@given(VALUES, VALUES, RULES)
def test_what_only_the_source_changed_always_goes_over(
    mine: dict[str, str], theirs: dict[str, str], rule: str
) -> None:
    one = step(
        flow(rule),
        Side("s", mine),
        Side("t", theirs),
        {"name": theirs.get("name"), "type": theirs.get("type")},
    )
    expected = {name for name in ("name", "type") if mine.get(name) != theirs.get(name)}
    assert {change.field for change in (one.changes if one else ())} == expected


@pytest.mark.parametrize(
    ("rule", "mine", "theirs", "goes"),
    [
        ("newest", 2, 1, True),
        ("newest", 1, 2, False),
        ("newest", None, 1, False),
        ("source", 1, 2, True),
        ("target", 2, 1, False),
    ],
)
def test_the_rule_of_a_conflict(rule: str, mine: int | None, theirs: int, goes: bool) -> None:
    def day(number: int | None) -> datetime | None:
        return (number and datetime(2026, 9, number, tzinfo=UTC)) or None

    source = Side("s", {"name": "a"}, day(mine))
    copy = Side("t", {"name": "b"}, day(theirs))
    one = step(flow(rule), source, copy, {"name": "c"})
    assert bool(one and one.changes) is goes


def test_a_few_are_never_too_much() -> None:
    one = step(flow("source"), Side("s", {"name": "a"}), None, {})
    assert one is not None
    assert not too_much([one] * 10, 0)
    assert too_much([one] * 11, 109)
    assert not too_much([one] * 11, 110)
