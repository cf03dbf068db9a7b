"""Keeping: effort, direct cost and profit cells follow every change, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, true

from tallystick.books.late import Stamp
from tallystick.store import cells, lines_behind, parts_told
from tallystick.store.cell_terms import CellTerms
from tallystick.store.cells import Changes
from tallystick.store.database import Database
from tallystick.store.effort_schema import profit_cell
from tallystick.store.facts_schema import FACTS
from tallystick.store.periods import open_from
from tallystick.store.stamped import DIRECT, EFFORT, parted
from tallystick.store.stamps import (
    NO_STAMPS,
    direct_of,
    effort_of,
    spending,
    spending_of,
    works,
    works_of,
)
from tallystick.store.streams import chunks, in_order
from tallystick.store.touched import WATCHED, Touched, touched
from tallystick.store.turn import take_turn

CHUNK = 1000
STREAM = 5000
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
        rows = connection.execute(works_of(terms), {"ids": ids}).all()
        known = _whole(was, opened) if agreed_as_before else NO_STAMPS
        stamps = list(effort_of(connection, terms, rows, known))
        EFFORT.replace(connection, was, stamps, opened, changes)
        lines_behind.mark(connection, {one["client"] for one in (*was, *stamps)})
    for kind, touched_ids in zip(SPENT, (what.costs, what.usages), strict=True):
        for ids in chunks(sorted(touched_ids), CHUNK):
            was = DIRECT.of(connection, [f"{kind}:{terms.home(kind)}:{one}" for one in ids])
            rows = connection.execute(spending_of(terms, kind), {"ids": ids}).all()
            shares = direct_of(connection, terms, kind, rows)
            DIRECT.replace(connection, was, shares, opened, changes)
    changes.write(connection)


def _whole(rows: Sequence[Stamp], opened: date | None) -> dict[str, Stamp]:
    """The stamps that say all there is about their booking: no closed month keeps a part of it."""
    closed, open_rows = parted(rows, opened)
    found = {row["booking"]: row for row in open_rows}
    for row in closed:
        found.pop(row["booking"], None)
    return found


def ensure(database: Database, terms: CellTerms) -> bool:
    """Rebuild the cells where they are not kept, or stand under other terms; whether it did."""
    with database.read() as connection:
        if cells.made_under(connection) == terms.hash:
            return False
    rebuild(database, terms)
    return True


def rebuild(database: Database, terms: CellTerms) -> int:
    """Make every stamp and cell of open months again from facts and journal, in one transaction;
    returns how many bookings that read. The first time there is nothing closed to keep."""
    with database.write() as connection:
        take_turn(connection, cells.TURN)
        opened = open_from(connection) if cells.ever_made(connection) else None
        connection.execute(delete(profit_cell))
        for stamped in (DIRECT, EFFORT):
            connection.execute(
                delete(stamped.table).where(
                    true() if opened is None else stamped.table.c.month >= opened
                )
            )
        count = 0
        for rows in _by_client(connection, works(terms)):
            closed = EFFORT.of(connection, [row.ref for row in rows]) if opened else []
            stamps = effort_of(connection, terms, rows)
            EFFORT.insert(connection, [*EFFORT.reported(stamps, closed, opened)])
            count += len(rows)
        for kind in SPENT:
            for rows in _by_client(connection, spending(terms, kind)):
                refs = [f"{kind}:{row.ref}" for row in rows]
                closed = DIRECT.of(connection, refs) if opened else []
                stamps = direct_of(connection, terms, kind, rows)
                DIRECT.insert(connection, [*DIRECT.reported(stamps, closed, opened)])
        if opened is not None:
            _take_back(connection, terms, opened)
        cells.make_all(connection)
        cells.keep_from_now(connection, terms.hash)
        lines_behind.forget(connection)
        parts_told.take_all_back(connection)
    return count


def _take_back(connection: Connection, terms: CellTerms, opened: date) -> None:
    """What closed months say of bookings and costs that are gone."""
    gone = (
        (EFFORT, "booking", f"{terms.home('booking')}:"),
        (DIRECT, "cost", f"cost:{terms.home('cost')}:"),
        (DIRECT, "usage", f"usage:{terms.home('usage')}:"),
    )
    for stamped, kind, prefix in gone:
        key, fact = stamped.key, FACTS[kind]
        there = select(fact.c.id).where(
            fact.c.connection == terms.home(kind), fact.c.id == func.substr(key, len(prefix) + 1)
        )
        if kind == "usage":
            there = there.where(fact.c.cost.is_not(None))
        before = stamped.table.c.month < opened
        lost = select(key).distinct().where(before, key.startswith(prefix))
        refs = connection.execute(lost.where(~there.exists())).scalars().all()
        for some in chunks(sorted(refs), CHUNK):
            closed = stamped.of(connection, some)
            stamped.insert(connection, [*stamped.reported((), closed, opened)])


def _by_client(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """Rows by the many, those of one client together so that its contracts are read once."""
    ref = statement.selected_columns["client_ref"]
    ordered = statement.order_by(in_order(connection, ref).nulls_last())
    found = connection.execute(ordered.execution_options(yield_per=STREAM))
    yield from found.partitions(STREAM)
