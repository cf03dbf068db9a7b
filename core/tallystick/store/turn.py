"""Taking turns: work that decides on what it just read must not run twice at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text

from tallystick.store.database import Database

KEY = "hashtextextended(:work, 0)"


def take_turn(connection: Connection, work: str) -> None:
    """Wait until no other transaction is at `work`, and keep others out until this one ends.

    To be called first in the transaction, so that all it reads is what the others left.
    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(f"SELECT pg_advisory_xact_lock({KEY})"), {"work": f"tallystick:{work}"}
        )


@contextmanager
def held(database: Database, work: str) -> Iterator[bool]:
    """Whether nobody else is at `work`, across any number of transactions; it stays ours while
    the block runs, and ends with this process however that ends.

    On SQLite, which is for one process, it always is: its writers take turns.
    """
    if database.dialect != "postgresql":
        yield True
        return
    given = {"work": f"tallystick:held:{work}"}
    with database.session() as connection:
        mine = bool(connection.execute(text(f"SELECT pg_try_advisory_lock({KEY})"), given).scalar())
        try:
            yield mine
        finally:
            if mine:
                connection.execute(text(f"SELECT pg_advisory_unlock({KEY})"), given)


@contextmanager
def held_beside(database: Database, work: str) -> Iterator[bool]:
    """`held` on SQLite, between processes too: by a file beside the database that is there for as
    long. Each kind of work has a file of its own; one that a killed process left says nothing."""
    if database.file is None:
        yield True
        return
    path = Path(f"{database.file}-{work}")
    lock = _locked(path)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            path.unlink()
            os.close(lock)


def _locked(path: Path) -> int | None:
    """The file at `path`, locked; None when somebody else has it. Whoever had it takes the file
    away: one that was locked and is no longer at `path` keeps nobody out."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        os.close(lock)
