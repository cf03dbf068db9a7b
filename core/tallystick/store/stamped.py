"""Stamped: the rows of `effort` and `direct_cost` in the store, and what writing them changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

from tallystick.books.late import Stamp, open_rows
from tallystick.store.bulk import execute_many
from tallystick.store.cells import Changes
from tallystick.store.effort_schema import DIRECT_SUMS, EFFORT_SUMS, direct_cost, effort


class Stamped:
    """A table of stamps, each row of which says its share of one booking or cost; `figures` are
    the columns that cells sum."""

    def __init__(self, table: Table, figures: tuple[str, ...]) -> None:
        self.table, self.figures = table, figures
        self.key: ColumnElement[str] = table.c[0]
        place = [column.name for column in table.primary_key]
        here = [table.c[name] == bindparam(f"at_{name}") for name in place]
        self._names = table.c.keys()
        self._at = tuple(f"at_{name}" for name in place)
        said = [name for name in self._names if name not in place]
        self._place = itemgetter(*place)
        self._figures = itemgetter(*figures)
        self._rest = itemgetter(*(name for name in self._names if name not in figures))
        self._of = select(table).where(self.key.in_(bindparam("refs", expanding=True)))
        self._delete = delete(table).where(*here)
        self._update = update(table).where(*here).values({n: bindparam(n) for n in figures})
        self._rewrite = update(table).where(*here).values({n: bindparam(n) for n in said})
        self._insert = insert(table)

    def of(self, connection: Connection, refs: Sequence[str]) -> list[Stamp]:
        """All rows of bookings or costs `refs`, those of closed months too."""
        found = connection.execute(self._of, {"refs": refs})
        return [dict(zip(self._names, row, strict=True)) for row in found]

    def insert(self, connection: Connection, rows: Sequence[Stamp]) -> None:
        execute_many(connection, self._insert, rows)

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
        closed, old = parted(before, opened)
        left = {self._place(row): row for row in old}
        come: list[Stamp] = []
        grown: list[Stamp] = []
        turned: list[Stamp] = []
        for row in self.reported(stamps, closed, opened):
            place, figures = self._place(row), self._figures(row)
            was = left.pop(place, None)
            if was is None:
                come.append(row)
                changes.add(row, self.figures, figures)
            elif was != row:
                same = self._rest(was) == self._rest(row)
                at = zip(self._at, place, strict=True)
                (grown if same else turned).append(row | dict(at))
                then = self._figures(was)
                more = [now - past for now, past in zip(figures, then, strict=True)]
                changes.add(row, self.figures, more)
        for row in left.values():
            changes.add(row, self.figures, [-value for value in self._figures(row)])
        gone = [dict(zip(self._at, place, strict=True)) for place in left]
        execute_many(connection, self._delete, gone)
        execute_many(connection, self._update, grown)
        execute_many(connection, self._rewrite, turned)
        execute_many(connection, self._insert, come)

    def reported(
        self, stamps: Iterable[Stamp], closed: Sequence[Stamp], opened: date | None
    ) -> Iterator[Stamp]:
        """The rows of open months: `stamps` less what the rows `closed` of the same bookings or
        costs say already."""
        if opened is None:
            yield from (one for one in stamps if any(self._figures(one)))
            return
        truth, said = self._by_ref(stamps), self._by_ref(closed)
        for ref in truth.keys() | said.keys():
            yield from open_rows(truth.get(ref, ()), said.get(ref, ()), opened, self.figures)

    def _by_ref(self, rows: Iterable[Stamp]) -> dict[str, list[Stamp]]:
        found: dict[str, list[Stamp]] = {}
        for row in rows:
            found.setdefault(row[self.key.name], []).append(row)
        return found


def parted(rows: Sequence[Stamp], opened: date | None) -> tuple[list[Stamp], list[Stamp]]:
    """The rows of closed months, and those of open ones."""
    if opened is None:
        return [], [*rows]
    closed = [row for row in rows if row["month"] < opened]
    return closed, [row for row in rows if row["month"] >= opened]


EFFORT = Stamped(effort, EFFORT_SUMS)
DIRECT = Stamped(direct_cost, DIRECT_SUMS)
