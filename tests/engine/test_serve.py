"""`serve` for ever: in its own time, to its end when told, and whole when killed."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from tallystick.engine.serve import LOOK_AGAIN, Health, Signals, line, serve
from tallystick.store.billing.schema import outbound
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

from .office import NOON, Office, issue, office, write_config
from .outside import Effects
from .processes import WITHIN_S, collected, process, progress, states

COLLECTING = '[[schedule]]\ntask = "collect"\ncron = "* * * * *"\n'
INVOICES = 30
KILLS_MAX = 6
EVERY_MINUTE = '[[schedule]]\ntask = "settle"\ncron = "* * * * *"\n'


def test_it_waits_for_what_is_due_next_and_no_longer_than_half_a_minute(tmp_path: Path) -> None:
    with office(tmp_path, more=EVERY_MINUTE) as there:
        signals, waited = Signals(), []
        there.clock.go(seconds=45)

        def pause(seconds: float) -> None:
            waited.append(seconds)
            there.clock.go(seconds=seconds)
            if len(waited) == 5:
                issue(there.installation.database, ["INV-1"])
            if len(waited) == 7:
                signals.end()

        serve(there.installation, signals, Health(NOON), pause)
        assert waited == [15.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0]
        assert [row.ticks for row in there.runs()] == [1, 1, 1]
        assert there.states() == {"INV-1": "posted"}
        assert LOOK_AGAIN.total_seconds() == 30


def test_it_says_what_it_did(small: Office) -> None:
    issue(small.installation.database, ["INV-1", "INV-2"])
    (small.root / "world" / "books").mkdir(parents=True)
    (small.root / "world" / "books" / "refused-INV-2").touch()
    signals, health = Signals(), Health(small.clock())
    serve(small.installation, signals, health, lambda _: signals.end())
    assert line(health) == "alive: 1 done, 1 failed, next 2026-10-01 12:00:30 UTC"
    assert health.alive(small.clock())
    small.clock.go(hours=2)
    assert not health.alive(small.clock())


@pytest.fixture
def line_of(tmp_path: Path) -> Iterator[tuple[Path, Database]]:
    config = write_config(tmp_path, wait_s=0.02, more=COLLECTING)
    database = open_database("sqlite:///line.db", tmp_path)
    upgrade(database)
    yield config, database
    database.close()


def test_told_to_end_it_finishes_its_step(line_of: tuple[Path, Database]) -> None:
    config, database = line_of
    issue(database, [f"INV-{i}" for i in range(400)])
    with process(config) as running:
        while states(database)["issued"] > 395:
            sleep(0.02)
        running.send_signal(signal.SIGTERM)
        assert running.wait(WITHIN_S) == 0
    assert states(database)["issued"] > 0, "it did not go on to the end of everything"
    with database.read() as connection:
        assert set(connection.execute(select(outbound.c.state)).scalars()) == {"confirmed"}


def test_killed_at_any_moment_it_loses_nothing(line_of: tuple[Path, Database]) -> None:
    config, database = line_of
    chance = random.Random(4711)
    issue(database, [f"INV-{i}" for i in range(INVOICES)])
    world = config.parent / "world"
    kills = 0
    while collected(database) < INVOICES and kills < KILLS_MAX:
        with process(config) as running:
            before = progress(database)
            if kills % 2:
                victim = world / ("debits" if kills == 1 or not before[0] else "books")
                victim.mkdir(parents=True, exist_ok=True)
                (victim / "die").touch()
                running.wait(WITHIN_S)
            else:
                ends = monotonic() + WITHIN_S
                while progress(database) == before and monotonic() < ends:
                    sleep(0.01)
                sleep(chance.uniform(0, 0.8))
            running.kill()
            kills += 1
    with process(config):
        ends = monotonic() + WITHIN_S
        while collected(database) < INVOICES and monotonic() < ends:
            sleep(0.02)
    assert kills > 1
    assert (collected(database), states(database)["collecting"]) == (INVOICES, INVOICES)
    for folder, kinds in (("books", INVOICES + 3), ("debits", INVOICES)):
        counts = Effects(world / folder).counts()
        assert len(counts) == kinds
        assert set(counts.values()) == {1}, "twice, though nobody outside obeys keys"
