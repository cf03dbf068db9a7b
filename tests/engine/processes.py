"""Processes of the engine: started, watched and killed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import func, select

from tallystick.store.billing.schema import invoice
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.database import Database

PROCESS = Path(__file__).with_name("process.py")
WITHIN_S = 60.0


def start(config: Path, what: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(PROCESS), what, str(config)]
    with (config.parent / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


@contextmanager
def process(config: Path, what: str = "serve") -> Iterator[subprocess.Popen[bytes]]:
    running = start(config, what)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def states(database: Database) -> Counter[str]:
    """How many invoices stand where."""
    statement = select(invoice.c.state, func.count()).group_by(invoice.c.state)
    with database.read() as connection:
        return Counter({row[0]: row[1] for row in connection.execute(statement)})


def collected(database: Database) -> int:
    """How many attempts the provider has taken, and we know it."""
    statement = select(func.count()).where(attempt.c.state == "processing")
    with database.read() as connection:
        return int(connection.execute(statement).scalar_one())


def until(database: Database, state: str, count: int, within_s: float = WITHIN_S) -> None:
    ends = monotonic() + within_s
    while states(database)[state] < count and monotonic() < ends:
        sleep(0.02)
    assert states(database)[state] >= count


def progress(database: Database) -> tuple[int, int]:
    """How far the line is: what is not posted, and what is collected."""
    return states(database)["issued"], collected(database)
