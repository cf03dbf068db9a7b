"""Indexes of facts that are made when their table is full: keeping them row by row is half of what
a first sync costs SQLite.

Only a pull that fills an empty table with many rows does without them meanwhile. One that is killed
leaves them out; `restore` makes them when the database is opened next.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from sqlalchemy import Index, Table, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from tallystick.store.caching import SORTING_KIB, keeping
from tallystick.store.database import Database
from tallystick.store.facts.schema import FACTS


class LateIndexes:
    """Those of one kind while it is pulled; made at the end, whatever the end is."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self._table = database, FACTS[kind]
        self._left_out = False

    def __enter__(self) -> LateIndexes:
        return self

    def __exit__(
        self,
        error: type[BaseException] | None,
        value: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._left_out:
            _make(self._database, self._table.indexes)

    def leave_out(self) -> None:
        """Do without them from here on, where nothing is stored yet."""
        if self._database.dialect == "sqlite":
            self._left_out = _drop(self._database, self._table)


def restore(database: Database) -> None:
    """Make what a pull that was killed left out."""
    with database.read() as connection:
        told = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'index'"))
        present = set(told.scalars())
    wanted = (index for table in FACTS.values() for index in table.indexes)
    _make(database, [index for index in wanted if index.name not in present])


def _drop(database: Database, table: Table) -> bool:
    with database.write() as connection:
        if connection.execute(select(table.c.id).limit(1)).first() is not None:
            return False
        for index in table.indexes:
            connection.execute(DropIndex(index, if_exists=True))
    return True


def _make(database: Database, indexes: Iterable[Index]) -> None:
    """Each in a transaction of its own, so that nobody waits for all of them."""
    for index in indexes:
        with database.write() as connection, keeping(connection, SORTING_KIB):
            connection.execute(CreateIndex(index, if_not_exists=True))
