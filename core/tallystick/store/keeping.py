"""Keeping: effort, direct cost and profit cells follow every change, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)

from tallystick.books.late import Stamp, open_rows
from tallystick.store import cells
from tallystick.store.cell_terms import CellTerms
from tallystick.store.cells import KEY, REVENUE, Changes
from tallystick.store.database import Database
from tallystick.store.effort_schema import (
    DIRECT_SUMS,
    EFFORT_SUMS,
    SUMS,
    direct_cost,
    effort,
    profit_cell,
)
from tallystick.store.facts_schema import FACTS
from tallystick.store.journal_schema import posting
from tallystick.store.periods import open_from
from tallystick.store.stamps import direct_of, effort_of, spending, works
from tallystick.store.streams import chunks, in_order
from tallystick.store.touched import WATCHED, Touched, touched
from tallystick.store.turn import take_turn

CHUNK = 500
STREAM = 5000


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
        if kind not in WATCHED or not ids:
            yield
            return
        take_turn(connection, cells.TURN)
        if not cells.kept(connection, self.terms.hash):
            yield
            return
        before = touched(connection, self.terms, source, kind, ids)
        yield
        _restamp(
            connection, self.terms, before | touched(connection, self.terms, source, kind, ids)
        )


def _restamp(connection: Connection, terms: CellTerms, what: Touched) -> None:
    changes = Changes()
    booking = FACTS["booking"]
    opened = open_from(connection)
    for ids in chunks(sorted(what.bookings), CHUNK):
        rows = connection.execute(works(terms).where(booking.c.id.in_(ids))).all()
        refs = [f"{terms.home('booking')}:{one}" for one in ids]
        stamps = effort_of(connection, terms, rows)
        _replace(connection, effort, refs, stamps, opened, changes)
    of_kind = {"cost": what.costs, "usage": what.usages}
    for kind, statement in spending(terms):
        for ids in chunks(sorted(of_kind[kind]), CHUNK):
            rows = connection.execute(statement.where(FACTS[kind].c.id.in_(ids))).all()
            refs = [f"{kind}:{terms.home(kind)}:{one}" for one in ids]
            stamps = direct_of(connection, terms, kind, rows)
            _replace(connection, direct_cost, refs, stamps, opened, changes)
    changes.write(connection)


def _replace(
    connection: Connection,
    table: Table,
    refs: Sequence[str],
    stamps: Iterable[Stamp],
    opened: date | None,
    changes: Changes,
) -> None:
    """Old stamps of open months out, new ones in, and what that changes; equal ones stay."""
    key = table.c[0]
    names = [column.name for column in table.primary_key]
    of_refs = key.in_(refs) & _open(table, opened)
    old = {
        tuple(row[name] for name in names): dict(row)
        for row in connection.execute(select(table).where(of_refs)).mappings()
    }
    new = {
        tuple(one[name] for name in names): one
        for one in reported(connection, table, refs, stamps, opened)
    }
    gone = [row for at, row in old.items() if new.get(at) != row]
    come = [row for at, row in new.items() if old.get(at) != row]
    for row in gone:
        changes.add(row, -1)
    for row in come:
        changes.add(row)
    moved = {row[key.name] for row in (*gone, *come)}
    if gone:
        connection.execute(delete(table).where(key.in_(sorted(moved)), _open(table, opened)))
    if come := [row for row in new.values() if row[key.name] in moved]:
        connection.execute(insert(table), come)


def _open(table: Table, opened: date | None) -> ColumnElement[bool]:
    return true() if opened is None else table.c.month >= opened


def reported(
    connection: Connection,
    table: Table,
    refs: Sequence[str],
    stamps: Iterable[Stamp],
    opened: date | None,
) -> list[Stamp]:
    """The rows of open months for `refs`: their stamps less what closed months say already."""
    key = table.c[0]
    closed: dict[str, list[Stamp]] = {}
    if opened is not None:
        before = select(table).where(key.in_(refs), table.c.month < opened)
        for row in connection.execute(before).mappings():
            closed.setdefault(row[key.name], []).append(dict(row))
    truth: dict[str, list[Stamp]] = {}
    for one in stamps:
        truth.setdefault(one[key.name], []).append(one)
    sums = EFFORT_SUMS if table is effort else DIRECT_SUMS
    return [
        row
        for ref in refs
        for row in open_rows(truth.get(ref, ()), closed.get(ref, ()), opened, sums)
    ]


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
        for table in (direct_cost, effort):
            connection.execute(delete(table).where(_open(table, opened)))
        count = 0
        for rows in _by_client(connection, works(terms)):
            refs = [row.ref for row in rows]
            stamps = effort_of(connection, terms, rows)
            _insert(connection, effort, refs, stamps, opened)
            count += len(rows)
        for kind, statement in spending(terms):
            for rows in _by_client(connection, statement):
                refs = [f"{kind}:{row.ref}" for row in rows]
                stamps = direct_of(connection, terms, kind, rows)
                _insert(connection, direct_cost, refs, stamps, opened)
        if opened is not None:
            _take_back(connection, terms, opened)
        connection.execute(_all_cells())
        cells.keep_from_now(connection, terms.hash)
    return count


def _insert(
    connection: Connection,
    table: Table,
    refs: Sequence[str],
    stamps: Iterable[Stamp],
    opened: date | None,
) -> None:
    if rows := reported(connection, table, refs, stamps, opened):
        connection.execute(insert(table), rows)


def _take_back(connection: Connection, terms: CellTerms, opened: date) -> None:
    """What closed months say of bookings and costs that are gone."""
    gone = (
        (effort, "booking", f"{terms.home('booking')}:"),
        (direct_cost, "cost", f"cost:{terms.home('cost')}:"),
        (direct_cost, "usage", f"usage:{terms.home('usage')}:"),
    )
    for table, kind, prefix in gone:
        key, fact = table.c[0], FACTS[kind]
        there = select(fact.c.id).where(
            fact.c.connection == terms.home(kind), fact.c.id == func.substr(key, len(prefix) + 1)
        )
        if kind == "usage":
            there = there.where(fact.c.cost.is_not(None))
        lost = select(key).distinct().where(table.c.month < opened, key.startswith(prefix))
        refs = connection.execute(lost.where(~there.exists())).scalars().all()
        for some in chunks(sorted(refs), CHUNK):
            _insert(connection, table, some, (), opened)


def _by_client(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """Rows by the many, those of one client together so that its contracts are read once."""
    ref = statement.selected_columns["client_ref"]
    ordered = statement.order_by(in_order(connection, ref).nulls_last())
    found = connection.execute(ordered.execution_options(yield_per=STREAM))
    yield from found.partitions(STREAM)


def _all_cells() -> Any:
    """Insert the sums of all stamps and of the journal's revenue."""
    parts = [
        _part(effort),
        _part(direct_cost),
        select(
            func.coalesce(posting.c.contract, "").label("contract"),
            func.coalesce(posting.c.client, "").label("client"),
            posting.c.reported_in.label("month"),
            posting.c.currency,
            *(
                (-posting.c.amount_minor if name == "revenue_minor" else literal(0)).label(name)
                for name in SUMS
            ),
        ).where(posting.c.account.startswith(REVENUE), posting.c.reported_in.is_not(None)),
    ]
    rows = union_all(*parts).subquery()
    sums = [func.sum(rows.c[name]).label(name) for name in SUMS]
    keys = [rows.c[name] for name in KEY]
    some = [func.sum(rows.c[name]) != 0 for name in SUMS]
    statement = select(*keys, *sums).group_by(*keys).having(or_(*some))
    return insert(profit_cell).from_select([*KEY, *SUMS], statement)


def _part(table: Table) -> Select[Any]:
    figures = [(table.c[name] if name in table.c else literal(0)).label(name) for name in SUMS]
    return select(*(table.c[name] for name in KEY), *figures)
