"""A first sync of many rows does without the indexes of their table until its end, whatever that
is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, text

from tallystick.connector import Cursor, Pulled
from tallystick.errors import Retry
from tallystick.mapping import MappingFile, load_mapping
from tallystick.store.caching import SORTING_KIB, keeping
from tallystick.store.database import CACHE_KIB, Database, open_database
from tallystick.store.facts.late_indexes import LateIndexes
from tallystick.store.facts.schema import FACTS, INDEXED
from tallystick.store.migrate import ready
from tallystick.sync.pull import Feed, pull

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ALL = {"booking_by_client", "booking_by_ticket", "booking_by_contract"}
NAMED = [(kind, *key) for kind, keys in INDEXED.items() for key in keys]
MAPPING = """
[booking]
id = "id"
technician = "by"
seconds = "s"
work_date = { at = "day", as = "date" }
"""


class Desk:
    """Gives `rows` bookings, looks at the indexes in the midst of them, and may break off."""

    def __init__(self, database: Database, rows: int, *, breaks: bool = False) -> None:
        self.database, self.rows, self.breaks = database, rows, breaks
        self.meanwhile: set[str] = set()

    def whoami(self) -> str:
        return "desk"

    def pull(self, record: str, since: str | None) -> Iterator[Any]:
        for number in range(self.rows):
            if number == self.rows - 1:
                self.meanwhile = indexes(self.database)
            raw = {"id": str(number), "by": "t", "s": 60, "day": "2026-09-01"}
            yield Pulled(raw, f"row {number}")
        if self.breaks:
            raise Retry("It broke off.", do="Run it again.", connection="psa")
        yield Cursor("all")


def indexes(database: Database) -> set[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'booking_by%'"
    with database.read() as connection:
        return set(connection.execute(text(named)).scalars())


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    shutil.copy(migrated, tmp_path)
    opened = open_database("sqlite:///test.db", tmp_path)
    yield opened
    opened.close()


def run(desk: Desk) -> None:
    reader = load_mapping([MappingFile("here", MAPPING)])["booking"]
    feed = Feed("psa", "booking", desk, reader, "1")
    pull(feed, desk.database, ZoneInfo("UTC"), lambda: NOW, lambda _: None)


def many(database: Database, **how: bool) -> Desk:
    return Desk(database, 12_000, **how)


def test_they_are_left_out_of_a_first_pull_and_made_at_its_end(database: Database) -> None:
    desk = many(database)
    run(desk)
    assert desk.meanwhile == set()
    assert indexes(database) == ALL


def test_they_are_made_where_the_source_breaks_off(database: Database) -> None:
    desk = many(database, breaks=True)
    with pytest.raises(Retry):
        run(desk)
    assert desk.meanwhile == set()
    assert indexes(database) == ALL


def test_a_table_that_has_rows_keeps_them(database: Database) -> None:
    run(Desk(database, 1))
    desk = many(database)
    run(desk)
    assert desk.meanwhile == ALL


def test_a_pull_that_was_killed_leaves_them_to_the_next_opening(database: Database) -> None:
    LateIndexes(database, "booking").leave_out()
    assert indexes(database) == set()
    ready(database)
    assert indexes(database) == ALL


def test_what_is_many_keeps_few_pages_meanwhile_and_no_longer(database: Database) -> None:
    def kept(connection: Connection) -> int:
        return -int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    with database.read() as connection:
        with keeping(connection, SORTING_KIB):
            assert kept(connection) == SORTING_KIB
        assert kept(connection) == CACHE_KIB


@pytest.mark.parametrize(("kind", "column"), NAMED)
def test_what_names_some_of_a_connection_is_found_by_its_index(
    database: Database, kind: str, column: str
) -> None:
    table = FACTS[kind]
    asked = select(table.c.id).where(table.c.connection == "psa", table.c[column].in_(["1", "2"]))
    with database.read() as connection:
        told = asked.compile(connection, compile_kwargs={"literal_binds": True})
        [plan] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}").all()
    assert f"{kind}_by_{column} ({column}=? AND connection=?)" in plan.detail
