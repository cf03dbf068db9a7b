"""The ground schedules are played on: one database, brought back to how it was before each.

Rows are copied into place rather than files, so the connections stay open and keep the statements
they have prepared.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade

EMPTY = "empty"
_NAMES = "SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


class Ground:
    """A database in `folder`, and the states of it that were laid by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.database = open_database("sqlite:///world.db", folder)
        upgrade(self.database)
        self._rows = sqlite3.connect(folder / "world.db", isolation_level=None)
        self._tables = self._names("main")
        self._indexes = dict(self._rows.execute(_INDEXES).fetchall())
        self._filled: dict[str, list[str]] = {}
        self.lay(EMPTY)

    def lay(self, name: str) -> str:
        """Keep the database as it is now under `name`, to begin with again."""
        self._rows.execute("VACUUM INTO ?", (str(self._folder / f"{name}.db"),))
        self._rows.execute(f"ATTACH ? AS {name}", (str(self._folder / f"{name}.db"),))
        self._filled[name] = [
            table
            for table in self._tables
            if self._rows.execute(f"SELECT 1 FROM {name}.{table} LIMIT 1").fetchone()  # noqa: S608 - names of ours, no values
        ]
        return name

    def begin_with(self, name: str) -> None:
        """Have the database as it was laid; an index somebody dropped is there again."""
        self._rows.execute("BEGIN IMMEDIATE")
        for table in self._tables:
            self._rows.execute(f"DELETE FROM main.{table}")  # noqa: S608 - names of ours, no values
        for table in self._filled[name]:
            self._rows.execute(f"INSERT INTO main.{table} SELECT * FROM {name}.{table}")  # noqa: S608 - names of ours, no values
        there = dict(self._rows.execute(_INDEXES).fetchall())
        for dropped in self._indexes.keys() - there.keys():
            self._rows.execute(self._indexes[dropped])
        self._rows.execute("COMMIT")

    def _names(self, schema: str) -> list[str]:
        return [f'"{name}"' for (name,) in self._rows.execute(_NAMES.format(schema=schema))]
