"""Profit by what the work was: tickets, technicians, assets and kinds of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, cast, func, select

from tallystick.insight.allocation import CellKey, Worked, allocate
from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger
from tallystick.period import Period, month
from tallystick.store import parts_told
from tallystick.store.cells import TURN
from tallystick.store.database import Database
from tallystick.store.effort_schema import direct_cost, effort, part_profit, profit_cell
from tallystick.store.turn import take_turn
from tallystick.views.profit_scope import Scope

PARTS = {
    "ticket": ("ticket", "no ticket"),
    "ticket-type": ("ticket_type", "no ticket type"),
    "technician": ("technician", "nobody named"),
    "asset": ("asset", "no asset"),
    "work-type": ("work_type", "no work type"),
}
"""The column of `effort` a table goes by, and what is said where it is empty."""
KEY = ("contract", "client", "month", "currency")
OF_EFFORT = tuple(name for name in Figures._fields if name in effort.c)


def keep_parts(database: Database, period: Period, by: str, driver: Driver) -> None:
    """Share out those months of all clients of which something changed since that was done."""
    months = [one.start for one in period.months()]
    with database.read() as connection:
        left = parts_told.untold(connection, months, by, driver)
    for first in left:
        with database.write() as connection:
            take_turn(connection, TURN)
            ledger = _shared_out(connection, Scope(month(first.year, first.month)), by, driver)
            rows = [
                {"part": key.ref, "currency": key.currency, **figures._asdict()}
                for key, figures in ledger.sums.items()
            ]
            parts_told.tell(connection, first, by, driver, rows)


def by_part(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    """Every cell of the scope shared out to the parts `by` names: of all clients as it is kept, of
    one from its work."""
    if scope.client is not None:
        return _shared_out(connection, scope, by, driver)
    ledger, part = Ledger(), part_profit.c
    sums = [cast(func.sum(part[name]), BigInteger) for name in Figures._fields]
    statement = (
        select(part.part, part.currency, *sums)
        .where(part.dimension == by, part.driver == driver)
        .where(part.month >= scope.period.start, part.month < scope.period.end)
        .group_by(part.part, part.currency)
    )
    for ref, currency, *figures in connection.execute(statement):
        ledger.add(ref, currency, Figures._make(figures))
    return ledger


def _shared_out(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    cells = {_key(row): figures_of(row) for row in cells_of(connection, scope)}
    worked = [*_effort(connection, scope, by), *_direct(connection, scope, by)]
    return allocate(cells, worked, driver)


def within(scope: Scope, table: Table = profit_cell) -> list[ColumnElement[bool]]:
    """The conditions for rows of cells, effort or direct cost to belong to the scope."""
    return scope.of(table.c.month, table.c.client)


def cells_of(connection: Connection, scope: Scope) -> Any:
    """The cells of the scope."""
    return connection.execute(select(profit_cell).where(*within(scope)))


def figures_of(row: Any) -> Figures:
    return Figures._make(getattr(row, name) for name in Figures._fields)


def _key(row: Any) -> CellKey:
    return CellKey(row.contract, row.client, row.month, row.currency)


def _effort(connection: Connection, scope: Scope, by: str) -> Iterator[Worked]:
    name, nothing = PARTS[by]
    column = effort.c[name]
    keys = [effort.c[one] for one in KEY]
    sums = [func.sum(effort.c[one]).label(one) for one in OF_EFFORT]
    statement = (
        select(*keys, column.label("part"), *sums)
        .where(*within(scope, effort))
        .group_by(*keys, column)
    )
    for row in connection.execute(statement):
        figures = {one: int(getattr(row, one)) for one in OF_EFFORT}
        yield Worked(_key(row), row.part or nothing, Figures(**figures))


def _direct(connection: Connection, scope: Scope, by: str) -> Iterator[Worked]:
    """Costs that name a ticket go to it; in any other table they are shared out."""
    if by != "ticket":
        return
    keys = [direct_cost.c[one] for one in KEY]
    sums = [
        func.sum(direct_cost.c[one]).label(one) for one in ("direct_minor", "unexchanged_costs")
    ]
    statement = (
        select(*keys, direct_cost.c.ticket.label("part"), *sums)
        .where(*within(scope, direct_cost), direct_cost.c.ticket.is_not(None))
        .group_by(*keys, direct_cost.c.ticket)
    )
    for row in connection.execute(statement):
        figures = Figures(
            direct_minor=int(row.direct_minor), unexchanged_costs=int(row.unexchanged_costs)
        )
        yield Worked(_key(row), row.part, figures)
