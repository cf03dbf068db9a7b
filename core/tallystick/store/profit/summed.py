"""Summed: tables of sums by key, changed by differences; a row that comes to nothing goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.store.at_once import AtOnce
from tallystick.store.profit.schema import SUMS


class Summed:
    """The sums `SUMS` of `table`, by its primary key."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.key = tuple(column.name for column in table.primary_key)
        kinds = {name: table.c[name].type for name in (*self.key, *SUMS)}
        self._merge = AtOnce(
            kinds,
            lambda row: self._merged(sqlite.insert(table).values(row)),
            lambda told: self._merged(postgresql.insert(table).from_select([*kinds], select(told))),
        )
        self._drop_empty = AtOnce(
            {name: kinds[name] for name in self.key},
            lambda row: delete(table).where(*self._empty(row)),
            self._drop_empty_of,
        )

    def add(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add to each row by its key what it changes by, in the order of `SUMS`."""
        self._merge(connection, rows)
        self._drop_empty(connection, [row[: len(self.key)] for row in rows])

    def _merged(self, statement: Any) -> Any:
        """Insert a row or add to the one that is there."""
        grown = {name: self._table.c[name] + statement.excluded[name] for name in SUMS}
        return statement.on_conflict_do_update(index_elements=list(self.key), set_=grown)

    def _empty(self, told: Any) -> list[ColumnElement[bool]]:
        """Whether a row is the one `told`, and says nothing."""
        here = [self._table.c[name] == told[name] for name in self.key]
        return here + [self._table.c[name] == literal_column("0") for name in SUMS]

    def _drop_empty_of(self, told: Any) -> Any:
        """Each is looked up by its key; a plain join reads all rows, whatever their number."""
        row: ColumnElement[Any] = literal_column(f"{self._table.name}.ctid")
        one = select(row.label("at")).select_from(self._table).where(*self._empty(told.c))
        lateral = one.correlate(told).offset(literal_column("0")).lateral("nothing")
        found = select(lateral.c.at).select_from(told.join(lateral, true()))
        return delete(self._table).where(row == func.any(func.array(found.scalar_subquery())))
