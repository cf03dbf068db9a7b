"""Rebuilding: effort, direct cost and profit cells made again from all facts and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from tallystick.store.books.periods import open_from
from tallystick.store.database import Database
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit import cells, lines_behind, parts_told
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.outcome_schema import worked
from tallystick.store.profit.outcomes import COLUMNS, outcomes, stamps
from tallystick.store.profit.schema import EFFORT_SUMS, effort, profit_cell
from tallystick.store.profit.stamped import DIRECT, EFFORT
from tallystick.store.profit.stamps import direct_of, effort_of, spending, works_of
from tallystick.store.progress import Step, untold
from tallystick.store.streams import chunks, in_order
from tallystick.store.turn import take_turn

CHUNK = 1000
STREAM = 5000
SPENT = ("cost", "usage")
STAMPS = stamps()


def ensure(database: Database, terms: CellTerms, step: Step = untold) -> bool:
    """Rebuild the cells where they are not kept, or stand under other terms; whether it did."""
    with database.read() as connection:
        if cells.made_under(connection) == terms.hash:
            return False
    with step("effort and profit of all bookings") as more:
        more(rebuild(database, terms))
    return True


def rebuild(database: Database, terms: CellTerms) -> int:
    """Make every stamp and cell of open months again from facts and journal, in one transaction;
    returns how many bookings there are. The first time there is nothing closed to keep."""
    with database.write() as connection:
        take_turn(connection, cells.TURN)
        opened = open_from(connection) if cells.ever_made(connection) else None
        connection.execute(delete(profit_cell))
        for stamped in (DIRECT, EFFORT):
            of_open = delete(stamped.table)
            if opened is not None:
                of_open = of_open.where(stamped.table.c.month >= opened)
            connection.execute(of_open)
        with outcomes(connection, terms) as count:
            if opened is None:
                _stamp(connection, STAMPS.order_by(worked.c.client))
            else:
                _stamp_open(connection, terms, opened)
        _stamp_spending(connection, terms, opened)
        if opened is not None:
            _take_back(connection, terms, opened)
        cells.make_all(connection)
        cells.keep_from_now(connection, terms.hash)
        lines_behind.forget(connection)
        parts_told.take_all_back(connection)
    return count


def _stamp(connection: Connection, rows: Select[Any]) -> None:
    connection.execute(insert(effort).from_select(COLUMNS, rows))


def _stamp_open(connection: Connection, terms: CellTerms, opened: date) -> None:
    """Stamps of which no closed month says anything are as they are. Of the others, those that are
    not said just so give their difference to the open months."""
    told, closed = STAMPS.subquery(), effort.alias()
    of_closed = (closed.c.booking == told.c.booking) & (closed.c.month < opened)
    unsaid = ~exists().where(of_closed)
    late = select(told.c.booking).where(or_(told.c.month < opened, ~unsaid), _differs(told, opened))
    refs = list(connection.execute(late).scalars())
    fresh = select(told).where(told.c.month >= opened, unsaid)
    _stamp(connection, fresh.order_by(told.c.client))
    home = f"{terms.home('booking')}:"
    for some in chunks(refs, CHUNK):
        ids = [ref.removeprefix(home) for ref in some]
        truth = effort_of(connection, terms, works_of(connection, terms, ids))
        before = EFFORT.of(connection, some)
        EFFORT.insert(connection, [*EFFORT.reported(truth, before, opened)])


def _differs(told: Subquery, opened: date) -> ColumnElement[bool]:
    """Whether closed months say anything else of a booking than its stamp, or in several rows."""
    same, other = effort.alias(), effort.alias()
    place = ("month", "client", "contract", "currency")
    alike = (same.c[name] == told.c[name] for name in ("booking", *place, *EFFORT_SUMS))
    elsewhere = or_(*(other.c[name] != told.c[name] for name in place))
    of_other = (other.c.booking == told.c.booking) & (other.c.month < opened)
    return or_(~exists().where(*alike), exists().where(of_other, elsewhere))


def _stamp_spending(connection: Connection, terms: CellTerms, opened: date | None) -> None:
    for kind in SPENT:
        for rows in _by_client(connection, spending(terms, kind)):
            refs = [f"{kind}:{row.ref}" for row in rows]
            closed = DIRECT.of(connection, refs) if opened else []
            shares = direct_of(connection, terms, kind, rows)
            DIRECT.insert(connection, [*DIRECT.reported(shares, closed, opened)])


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
