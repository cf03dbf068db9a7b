"""What is collected goes out once, by whoever advances it, and what got lost is asked about."""

from __future__ import annotations

from datetime import timedelta

from tallystick.cash.collecting.attempts import SENDING_TAKES
from tallystick.engine import cash
from tallystick.engine.advance import advance
from tallystick.engine.serve import Health, Signals, look
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.unfinished import begin_sending

from .office import Office, issue


def go(office: Office) -> int:
    return look(office.installation, Signals(), Health(office.clock()))


def collecting(office: Office, count: int) -> list[str]:
    """So many invoices, posted and about to be collected."""
    numbers = [f"INV-{i}" for i in range(count)]
    issue(office.installation.database, numbers)
    go(office)
    assert len(cash.intend(office.installation).intentions) == count
    return numbers


def test_each_is_asked_for_once(small: Office) -> None:
    numbers = collecting(small, 4)
    assert go(small) == 4
    assert small.debits.counts() == {f"{number}-1": 1 for number in numbers}
    assert set(small.states().values()) == {"collecting"}
    assert go(small) == 0
    assert cash.intend(small.installation).intentions == []


def test_an_answer_that_was_lost_is_asked_for(small: Office) -> None:
    collecting(small, 2)
    (small.debits.folder).mkdir(parents=True)
    (small.debits.folder / "lost").touch()
    go(small)
    assert {row.state for row in small.rows(attempt)} == {"unknown"}
    (small.debits.folder / "lost").unlink()
    small.clock.go(hours=1)
    go(small)
    assert {row.state for row in small.rows(attempt)} == {"processing"}
    assert set(small.debits.counts().values()) == {1}


def test_one_that_somebody_is_sending_is_left_alone(small: Office) -> None:
    """A worker that died between the claim and the call: two minutes later it is asked about, and
    sent, as the provider never saw it."""
    collecting(small, 1)
    [row] = small.rows(attempt)
    with small.installation.database.write() as connection:
        assert begin_sending(connection, row.batch, small.clock() + SENDING_TAKES)
        assert not begin_sending(connection, row.batch, small.clock() + SENDING_TAKES)
    assert advance(small.installation, "attempt", row.key).due_at == small.clock() + SENDING_TAKES
    assert go(small) == 0
    assert small.debits.counts() == {}
    small.clock.go(minutes=2)
    go(small)
    assert set(small.debits.counts().values()) == {1}


def test_processing_is_asked_about_in_its_time(small: Office) -> None:
    collecting(small, 1)
    go(small)
    [before] = small.rows(attempt)
    assert before.ask_at - small.clock() == timedelta(minutes=15)
    small.clock.at = before.ask_at
    assert go(small) == 1
    [after] = small.rows(attempt)
    assert (after.state, after.ask_at > small.clock()) == ("processing", True)
    assert set(small.debits.counts().values()) == {1}
