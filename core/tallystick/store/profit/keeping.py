"""Keeping: effort, direct cost and profit cells follow every change, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection

from tallystick.store.books.periods import open_from
from tallystick.store.bulk import together
from tallystick.store.profit import cells, lines_behind
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.cells import Changes
from tallystick.store.profit.stamped import DIRECT, EFFORT, Stamp, parted
from tallystick.store.profit.stamps import (
    NO_STAMPS,
    direct_of,
    effort_of,
    spending_of,
    works_of,
)
from tallystick.store.profit.touched import WATCHED, Touched, touched
from tallystick.store.streams import chunks
from tallystick.store.turn import take_turn

CHUNK = 1000
SPENT = ("cost", "usage")
KEPT = WATCHED | lines_behind.PLACING.keys()


class Keeper:
    """Called round a change of records: `with keeper(connection, source, kind, ids): ...`."""

    def __init__(self, terms: CellTerms) -> None:
        self.terms = terms

    @contextmanager
    def __call__(
        self, connection: Connection, source: str, kind: str, ids: Sequence[str]
    ) -> Iterator[None]:
        """Stamp again what the change touches, and bring its cells up to date. Cells that are not
        kept yet, or stand under other terms, are left to be rebuilt."""
        if kind not in KEPT or not ids:
            yield
            return
        take_turn(connection, cells.TURN)
        if kind in lines_behind.PLACING:
            with self._placed(connection, source, kind, ids):
                yield
            return
        if not cells.kept(connection, self.terms.hash):
            yield
            return
        before = touched(connection, self.terms, source, kind, ids)
        yield
        what = before | touched(connection, self.terms, source, kind, ids)
        _restamp(connection, self.terms, what, agreed_as_before=kind == "booking")

    @contextmanager
    def _placed(
        self, connection: Connection, source: str, kind: str, ids: Sequence[str]
    ) -> Iterator[None]:
        """What these records say costs nothing, but may move work from line to line."""
        before = lines_behind.placing(connection, self.terms, source, kind, ids)
        yield
        after = lines_behind.placing(connection, self.terms, source, kind, ids)
        changed = lines_behind.clients_of(connection, kind, before ^ after)
        lines_behind.mark(connection, changed)


def _restamp(
    connection: Connection, terms: CellTerms, what: Touched, *, agreed_as_before: bool
) -> None:
    """`agreed_as_before`: nothing but bookings changed, so that of those which say the same about
    where they belong, the contract is known."""
    changes = Changes()
    opened = open_from(connection)
    for ids in chunks(sorted(what.bookings), CHUNK):
        home = terms.home("booking")
        was = EFFORT.of(connection, [f"{home}:{one}" for one in ids])
        rows = works_of(connection, terms, ids)
        known = _whole(was, opened) if agreed_as_before else NO_STAMPS
        stamps = list(effort_of(connection, terms, rows, known))
        with together(connection):
            EFFORT.replace(connection, was, stamps, opened, changes)
            lines_behind.mark(connection, {one[2] for one in (*was, *stamps)})
    for kind, touched_ids in zip(SPENT, (what.costs, what.usages), strict=True):
        for ids in chunks(sorted(touched_ids), CHUNK):
            was = DIRECT.of(connection, [f"{kind}:{terms.home(kind)}:{one}" for one in ids])
            spent = connection.execute(spending_of(terms, kind), {"ids": ids}).all()
            shares = list(direct_of(connection, terms, kind, spent))
            with together(connection):
                DIRECT.replace(connection, was, shares, opened, changes)
    with together(connection):
        changes.write(connection)


def _whole(rows: Sequence[Stamp], opened: date | None) -> dict[str, Stamp]:
    """The stamps that say all there is about their booking: no closed month keeps a part of it."""
    closed, open_rows = parted(rows, opened)
    found = {row[0]: row for row in open_rows}
    for row in closed:
        found.pop(row[0], None)
    return found
