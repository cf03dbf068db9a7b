"""Taking turns: work that decides on what it just read must not run twice at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

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
    """`held` on SQLite, between processes too: by a file beside the database, which stays there
    empty. For few kinds of work, as each has a file of its own."""
    if database.file is None:
        yield True
        return
    lock = sqlite3.connect(f"{database.file}-{work}", timeout=0, isolation_level=None)
    try:
        yield _locked(lock)
    finally:
        lock.close()


def _locked(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True
