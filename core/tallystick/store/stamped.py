"""Stamped: the rows of `effort` and `direct_cost` in the store, and what writing them changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import neg, sub
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

from tallystick.books.late import open_rows
from tallystick.store.bulk import execute_tuples
from tallystick.store.cells import Changes
from tallystick.store.effort_schema import DIRECT_SUMS, EFFORT_SUMS, SUMS, direct_cost, effort

Stamp = tuple[Any, ...]
"""A row by its columns: booking or cost, month, client, contract, currency; the rest; figures."""


class Stamped:
    """A table of stamps, each row of which says its share of one booking or cost; `figures` are
    the columns that cells sum."""

    def __init__(self, table: Table, figures: tuple[str, ...]) -> None:
        self.table, self.figures = table, figures
        self.key: ColumnElement[str] = table.c[0]
        self.names = tuple(table.c.keys())
        place = [column.name for column in table.primary_key]
        here = [table.c[name] == bindparam(f"at_{name}") for name in place]
        self._key_end, self._said_end = len(place), len(self.names) - len(figures)
        self._summed = [SUMS.index(name) for name in figures]
        at, said = tuple(f"at_{name}" for name in place), self.names[self._key_end :]
        self._of = select(table).where(self.key.in_(bindparam("refs", expanding=True)))
        self._delete = (delete(table).where(*here), at)
        self._update = (update(table).where(*here).values(_given(figures)), (*figures, *at))
        self._rewrite = (update(table).where(*here).values(_given(said)), (*said, *at))
        self._insert = (insert(table), self.names)

    def of(self, connection: Connection, refs: Sequence[str]) -> list[Stamp]:
        """All rows of bookings or costs `refs`, those of closed months too."""
        return [tuple(row) for row in connection.execute(self._of, {"refs": refs})]

    def insert(self, connection: Connection, rows: Sequence[Stamp]) -> None:
        execute_tuples(connection, *self._insert, rows)

    def replace(
        self,
        connection: Connection,
        before: Sequence[Stamp],
        stamps: Iterable[Stamp],
        opened: date | None,
        changes: Changes,
    ) -> None:
        """The rows `before` of open months give way to those of `stamps`; equal ones stay, and
        where only figures differ only they are written: no index has them."""
        key_end, said_end, summed = self._key_end, self._said_end, self._summed
        closed, old = parted(before, opened)
        left = {row[:key_end]: row for row in old}
        come: list[Stamp] = []
        grown: list[Stamp] = []
        turned: list[Stamp] = []
        for row in self.reported(stamps, closed, opened):
            place = row[:key_end]
            was = left.pop(place, None)
            if was is None:
                come.append(row)
                changes.add(place, summed, row[said_end:])
            elif was != row:
                if was[:said_end] == row[:said_end]:
                    grown.append(row[said_end:] + place)
                else:
                    turned.append(row[key_end:] + place)
                changes.add(place, summed, map(sub, row[said_end:], was[said_end:]))
        for place, row in left.items():
            changes.add(place, summed, map(neg, row[said_end:]))
        execute_tuples(connection, *self._delete, [*left])
        execute_tuples(connection, *self._update, grown)
        execute_tuples(connection, *self._rewrite, turned)
        execute_tuples(connection, *self._insert, come)

    def reported(
        self, stamps: Iterable[Stamp], closed: Sequence[Stamp], opened: date | None
    ) -> Iterator[Stamp]:
        """The rows of open months: `stamps` less what the rows `closed` of the same bookings or
        costs say already."""
        if opened is None:
            yield from (one for one in stamps if any(one[self._said_end :]))
            return
        truth, said = _by_ref(stamps), _by_ref(closed)
        for ref in truth.keys() | said.keys():
            own = truth.get(ref, ())
            if ref not in said and all(row[1] >= opened for row in own):
                yield from (row for row in own if any(row[self._said_end :]))
                continue
            told = (self._named(own), self._named(said.get(ref, ())))
            for row in open_rows(*told, opened, self.figures):
                yield tuple(row[name] for name in self.names)

    def _named(self, rows: Iterable[Stamp]) -> list[dict[str, Any]]:
        return [dict(zip(self.names, row, strict=True)) for row in rows]


def _given(names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _by_ref(rows: Iterable[Stamp]) -> dict[str, list[Stamp]]:
    found: dict[str, list[Stamp]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def parted(rows: Sequence[Stamp], opened: date | None) -> tuple[list[Stamp], list[Stamp]]:
    """The rows of closed months, and those of open ones."""
    if opened is None:
        return [], [*rows]
    closed = [row for row in rows if row[1] < opened]
    return closed, [row for row in rows if row[1] >= opened]


EFFORT = Stamped(effort, EFFORT_SUMS)
DIRECT = Stamped(direct_cost, DIRECT_SUMS)
