"""Keeping: effort, direct cost and profit cells follow every change, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
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
    union_all,
)

from tallystick.store import cells
from tallystick.store.cell_terms import CellTerms
from tallystick.store.cells import KEY, REVENUE, Changes
from tallystick.store.database import Database
from tallystick.store.effort_schema import SUMS, direct_cost, effort, profit_cell
from tallystick.store.facts_schema import FACTS
from tallystick.store.journal_schema import posting
from tallystick.store.stamps import Stamp, direct_of, effort_of, spending, works
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
    for ids in chunks(sorted(what.bookings), CHUNK):
        rows = connection.execute(works(terms).where(booking.c.id.in_(ids))).all()
        refs = [f"{terms.home('booking')}:{one}" for one in ids]
        stamps = effort_of(connection, terms, rows)
        _replace(connection, effort, effort.c.booking, refs, stamps, changes)
    of_kind = {"cost": what.costs, "usage": what.usages}
    for kind, statement in spending(terms):
        for ids in chunks(sorted(of_kind[kind]), CHUNK):
            rows = connection.execute(statement.where(FACTS[kind].c.id.in_(ids))).all()
            refs = [f"{kind}:{terms.home(kind)}:{one}" for one in ids]
            stamps = direct_of(connection, terms, kind, rows)
            _replace(connection, direct_cost, direct_cost.c.source, refs, stamps, changes)
    changes.write(connection)


def _replace(
    connection: Connection,
    table: Table,
    key: Any,
    refs: Sequence[str],
    stamps: Iterable[Stamp],
    changes: Changes,
) -> None:
    """Old stamps out, new ones in, and what that changes; equal ones are not written."""
    names = [column.name for column in table.primary_key]
    old = {
        tuple(row[name] for name in names): dict(row)
        for row in connection.execute(select(table).where(key.in_(refs))).mappings()
    }
    new = {tuple(one[name] for name in names): one for one in stamps}
    gone = [row for at, row in old.items() if new.get(at) != row]
    come = [row for at, row in new.items() if old.get(at) != row]
    for row in gone:
        changes.add(row, -1)
    for row in come:
        changes.add(row)
    moved = {row[key.name] for row in (*gone, *come)}
    if gone:
        connection.execute(delete(table).where(key.in_(sorted(moved))))
    if come := [row for row in new.values() if row[key.name] in moved]:
        connection.execute(insert(table), come)


def ensure(database: Database, terms: CellTerms) -> bool:
    """Rebuild the cells where they are not kept, or stand under other terms; whether it did."""
    with database.read() as connection:
        if cells.made_under(connection) == terms.hash:
            return False
    rebuild(database, terms)
    return True


def rebuild(database: Database, terms: CellTerms) -> int:
    """Make every stamp and cell again from facts and journal, in one transaction; returns how
    many bookings that read."""
    with database.write() as connection:
        take_turn(connection, cells.TURN)
        for table in (profit_cell, direct_cost, effort):
            connection.execute(delete(table))
        count = 0
        for rows in _by_client(connection, works(terms)):
            connection.execute(insert(effort), list(effort_of(connection, terms, rows)))
            count += len(rows)
        for kind, statement in spending(terms):
            for rows in _by_client(connection, statement):
                stamps = list(direct_of(connection, terms, kind, rows))
                connection.execute(insert(direct_cost), stamps)
        connection.execute(_all_cells())
        cells.keep_from_now(connection, terms.hash)
    return count


def _by_client(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """Rows by the many, those of one client together so that its contracts are read once."""
    ref = statement.selected_columns["client_ref"]
    ordered = statement.order_by(in_order(connection, ref).nulls_last())
    found = connection.execute(ordered.execution_options(yield_per=STREAM))
    yield from found.partitions(STREAM)


def _all_cells() -> Any:
    """Insert the sums of all stamps and of the journal's revenue."""
    parts = [
        _part(effort, bookings=literal(1)),
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


def _part(table: Table, **more: Any) -> Select[Any]:
    figures = [
        more.get(name, table.c[name] if name in table.c else literal(0)).label(name)
        for name in SUMS
    ]
    return select(*(table.c[name] for name in KEY), *figures)
