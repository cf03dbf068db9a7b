"""Taking turns: work that decides on what it just read must not run twice at a time."""

from __future__ import annotations

from sqlalchemy import Connection, text


def take_turn(connection: Connection, work: str) -> None:
    """Wait until no other transaction is at `work`, and keep others out until this one ends.

    To be called first in the transaction, so that all it reads is what the others left.
    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:work, 0))"),
            {"work": f"tallystick:{work}"},
        )
