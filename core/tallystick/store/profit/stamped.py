"""Stamped: the rows of `effort` and `direct_cost` in the store, and what writing them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import neg, sub
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from tallystick.books.late import open_rows
from tallystick.store.at_once import AtOnce
from tallystick.store.profit.cells import Changes
from tallystick.store.profit.schema import DIRECT_SUMS, EFFORT_SUMS, SUMS, direct_cost, effort
from tallystick.store.wanted import Wanted, fetch

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
        self._key_end, self._said_end = len(place), len(self.names) - len(figures)
        self._summed = [SUMS.index(name) for name in figures]
        self._of = select(table).where(Wanted(self.key, "refs"))
        self._insert = AtOnce(
            {column.name: column.type for column in table.c},
            lambda row: insert(table).values(row),
            lambda rows: insert(table).from_select(self.names, select(rows)),
        )
        self._delete = _at(table, (), delete(table).where)
        self._update = _at(table, figures, update(table).where)
        self._rewrite = _at(table, self.names[self._key_end :], update(table).where)

    def of(self, connection: Connection, refs: Sequence[str]) -> list[Stamp]:
        """All rows of bookings or costs `refs`, those of closed months too."""
        return fetch(connection, self._of, refs=refs)

    def insert(self, connection: Connection, rows: Sequence[Stamp]) -> None:
        self._insert(connection, rows)

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
        self._delete(connection, [*left])
        self._update(connection, grown)
        self._rewrite(connection, turned)
        self._insert(connection, come)

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


def _at(table: Table, said: Sequence[str], where: Callable[..., Any]) -> AtOnce:
    """What happens to rows by their place, after what is `said` of each."""
    kinds = {name: table.c[name].type for name in said}
    place = list(table.primary_key)

    def change(told: Any) -> Any:
        found = where(*(column == told[f"at_{column.name}"] for column in place))
        return found.values({name: told[name] for name in said}) if said else found

    at = {f"at_{column.name}": column.type for column in place}
    return AtOnce(kinds | at, change, lambda rows: change(rows.c))


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
