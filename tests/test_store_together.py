"""What is written without waiting for each answer is stored whole or not at all, and says so."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from tallystick.store.bulk import execute_tuples, together
from tallystick.store.database import Database
from tallystick.store.profit import lines_behind
from tallystick.store.profit.schema import line_behind
from tallystick.store.wanted import fetch

PLAIN = insert(line_behind)
MARKED = select(line_behind.c.client)


def test_what_is_written_together_is_there_behind_it(database: Database) -> None:
    with database.write() as connection:
        with together(connection):
            lines_behind.mark(connection, ["psa:1"])
            lines_behind.mark(connection, ["psa:1", "psa:2"])
        assert sorted(fetch(connection, MARKED)) == [("psa:1",), ("psa:2",)]


def test_one_error_undoes_all_of_it(database: Database) -> None:
    def twice() -> None:
        with database.write() as connection, together(connection):
            lines_behind.mark(connection, ["psa:1"])
            execute_tuples(connection, PLAIN, ["client"], [("psa:1",)])
            lines_behind.mark(connection, ["psa:2"])

    with pytest.raises(IntegrityError):
        twice()
    with database.write() as connection:
        assert fetch(connection, MARKED) == []
        lines_behind.mark(connection, ["psa:3"])
    with database.read() as connection:
        assert fetch(connection, MARKED) == [("psa:3",)]
