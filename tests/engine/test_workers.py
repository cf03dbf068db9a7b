"""Workers on one PostgreSQL: whoever is killed, each invoice is posted and collected once.

`TALLYSTICK_INVOICES=2000 TALLYSTICK_KILL_EVERY_S=3` asks for more than a quick run does.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from tallystick.engine.workers import lay_queue, require_queue
from tallystick.errors import Stop
from tallystick.store.billing.schema import outbound
from tallystick.store.database import Database
from tallystick.store.engine import scheduled

from .conftest import postgres_url
from .office import NOON, issue, office, write_config
from .outside import Effects
from .processes import WITHIN_S, collected, process, progress, start, states, until

INVOICES = int(os.environ.get("TALLYSTICK_INVOICES", "24"))
KILL_EVERY_S = float(os.environ.get("TALLYSTICK_KILL_EVERY_S", "3"))
WORKERS = 3
KILLS_MAX = max(INVOICES // 5, 4)
WITHIN_IN_ALL_S = 120.0 + INVOICES


@pytest.fixture
def config(shared_postgres: Database, database: Database, tmp_path: Path, url: str) -> Path:
    return write_config(tmp_path, url, wait_s=0.01)


@pytest.fixture
def url(database: Database, request: pytest.FixtureRequest) -> str:
    """The address of an emptied PostgreSQL with a queue in it, empty too."""
    found = postgres_url(database, request)
    lay_queue(database, found)
    with database.write() as connection:
        connection.exec_driver_sql("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return found


def collect_now(database: Database, tick: int) -> None:
    """What a schedule does every so often: have invoices collected that are posted by now."""
    with database.write() as connection:
        if not scheduled.unfinished(connection):
            at = NOON + timedelta(seconds=tick)
            scheduled.note(connection, "collect @ test", "collect", "", NOON, at, 1)


def kill(workers: list[subprocess.Popen[bytes]], config: Path, whom: str | random.Random) -> None:
    """End one worker with -9: any of them by chance, or whoever next has something happen there,
    right after it did. That one is found dead and started again."""
    if isinstance(whom, str):
        (config.parent / "world" / whom / "die").touch()
        return
    victim = whom.randrange(WORKERS)
    workers[victim].kill()
    workers[victim].wait()
    workers[victim] = start(config, "worker")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_workers_that_are_killed_lose_and_repeat_nothing(database: Database, config: Path) -> None:
    chance = random.Random(4711)
    issue(database, [f"INV-{i:04}" for i in range(INVOICES)], clients=max(INVOICES // 20, 3))
    for folder in ("books", "debits"):
        (config.parent / "world" / folder).mkdir(parents=True)
    workers = [start(config, "worker") for _ in range(WORKERS)]
    kills = tick = 0
    before = progress(database)
    kill_at, ends = monotonic(), monotonic() + WITHIN_IN_ALL_S
    try:
        while collected(database) < INVOICES and monotonic() < ends:
            collect_now(database, tick := tick + 1)
            sleep(0.2)
            now = progress(database)
            if monotonic() >= kill_at and now != before and kills < KILLS_MAX:
                before = now
                where = None if kills % 2 else "books" if now[0] else "debits"
                kill(workers, config, where or chance)
                kills, kill_at = kills + 1, monotonic() + KILL_EVERY_S
            workers = [one if one.poll() is None else start(config, "worker") for one in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert (states(database), collected(database)) == ({"collecting": INVOICES}, INVOICES)
    assert kills > 1
    for folder, kinds in (("books", INVOICES + max(INVOICES // 20, 3)), ("debits", INVOICES)):
        counts = Effects(config.parent / "world" / folder).counts()
        assert len(counts) == kinds
        assert {key for key, times in counts.items() if times != 1} == set()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_worker_told_to_end_finishes_its_steps(database: Database, config: Path) -> None:
    issue(database, [f"INV-{i:04}" for i in range(300)])
    with process(config, "worker") as worker:
        until(database, "posted", 5)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(WITHIN_S) == 0
    assert states(database)["posted"] < 300
    with database.read() as connection:
        assert set(connection.execute(select(outbound.c.state)).scalars()) == {"confirmed"}
        left = connection.exec_driver_sql("SELECT status::text FROM procrastinate_jobs")
        assert "doing" not in set(left.scalars())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_job_that_got_lost_is_queued_again(database: Database, config: Path) -> None:
    """Nothing but the store says what is to be done."""
    issue(database, [f"INV-{i:04}" for i in range(12)])
    with process(config, "worker"):
        until(database, "posted", 2)
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
        until(database, "posted", 12)


def test_sqlite_has_no_workers(tmp_path: Path) -> None:
    with office(tmp_path) as there, pytest.raises(Stop, match="tallystick serve"):
        require_queue(there.installation.database)
