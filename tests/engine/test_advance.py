"""Unfinished work is found, done once, and what fails keeps nothing else from being done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tallystick.engine import billing
from tallystick.engine.advance import KINDS, advance, look_through, unfinished
from tallystick.engine.progress import Quiet
from tallystick.engine.serve import Health, Signals, look
from tallystick.engine.work import PARKED_AFTER, PARKED_DELAY, Kind, Left, delay
from tallystick.store.turn import held

from .office import Office, issue


def ids(office: Office) -> list[str]:
    with office.installation.database.read() as connection:
        return [work.id for work in unfinished(office.installation, connection)]


def go(office: Office) -> int:
    return look(office.installation, Signals(), Health(office.clock()))


def test_every_invoice_is_posted_once(small: Office) -> None:
    numbers = [f"INV-{i}" for i in range(4)]
    issue(small.installation.database, numbers)
    assert ids(small) == [f"invoice:books:{number}" for number in numbers]
    assert go(small) == 4
    assert set(small.states().values()) == {"posted"}
    assert ids(small) == []
    assert go(small) == 0
    counts = small.books.counts()
    assert set(counts.values()) == {1} and len(counts) == 4 + 3


def test_one_that_fails_waits_longer_each_time_and_stops_nobody(small: Office) -> None:
    issue(small.installation.database, ["INV-1", "INV-2", "INV-3"])
    (small.root / "world" / "books").mkdir(parents=True)
    refusal = small.root / "world" / "books" / "refused-INV-1"
    refusal.touch()
    (small.root / "world" / "books" / "broken-INV-2").touch()
    assert go(small) == 3
    assert small.states() == {"INV-1": "issued", "INV-2": "issued", "INV-3": "posted"}
    waits = small.postponed()
    assert "INV-1 is refused" in waits["invoice:books:INV-1"].reason
    assert "ZeroDivisionError" in waits["invoice:books:INV-2"].reason
    for tries in range(1, PARKED_AFTER + 2):
        row = small.postponed()["invoice:books:INV-1"]
        assert (row.tries, row.due_at - small.clock()) == (tries, delay(tries))
        assert go(small) == 0, "not before its time"
        small.clock.at = row.due_at
        go(small)
    assert delay(PARKED_AFTER) == PARKED_DELAY
    refusal.unlink()
    small.clock.go(days=2)
    go(small)
    assert small.states()["INV-1"] == "posted"
    assert list(small.postponed()) == ["invoice:books:INV-2"]


def test_what_a_person_saw_to_is_forgotten(small: Office) -> None:
    issue(small.installation.database, ["INV-1"])
    (small.root / "world" / "books").mkdir(parents=True)
    (small.root / "world" / "books" / "silent").touch()
    go(small)
    assert list(small.postponed()) == ["invoice:books:INV-1"]
    look_through(small.installation)
    assert list(small.postponed()) == ["invoice:books:INV-1"], "it is still to be done"
    (small.root / "world" / "books" / "silent").unlink()
    assert billing.post(small.installation, Quiet()).invoices == 1
    look_through(small.installation)
    assert small.postponed() == {}


def test_an_answer_that_was_lost_is_asked_for(small: Office) -> None:
    """The record arrived and the answer did not: it is found, not sent again."""
    issue(small.installation.database, ["INV-1"])
    lost = small.books.folder
    lost.mkdir(parents=True)
    (lost / "lost").touch()
    go(small)
    assert small.states() == {"INV-1": "issued"}
    (lost / "lost").unlink()
    small.clock.go(hours=1)
    go(small)
    small.clock.go(hours=1)
    go(small)
    assert small.states() == {"INV-1": "posted"}
    assert set(small.books.counts().values()) == {1}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_held_by_somebody_else_is_left_to_them(small: Office) -> None:
    issue(small.installation.database, ["INV-1"])
    ref = "invoice:books:INV-1"
    with held(small.installation.database, f"delivery {ref}") as mine:
        assert mine
        left = advance(small.installation, "delivery", ref)
        assert left == Left(small.clock() + timedelta(seconds=30))
        assert small.books.counts() == {}
    assert advance(small.installation, "delivery", ref) == Left()
    assert small.states() == {"INV-1": "posted"}


def test_a_kind_that_cannot_be_looked_through_hides_no_other(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    issue(small.installation.database, ["INV-1"])
    monkeypatch.setitem(KINDS, "run", Kind("run", broken, broken))  # type: ignore[arg-type]  # that is what breaks
    assert go(small) == 1
    assert small.states() == {"INV-1": "posted"}


def test_work_on_what_is_done_does_nothing(small: Office) -> None:
    issue(small.installation.database, ["INV-1"])
    go(small)
    for ref in ("invoice:books:INV-1", "invoice:gone:INV-1", "payment:books:bank:psa:b:1:0"):
        assert advance(small.installation, "delivery", ref) == Left()
    assert set(small.books.counts().values()) == {1}
