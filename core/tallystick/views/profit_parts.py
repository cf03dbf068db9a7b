"""Profit by what the work was: tickets, technicians, assets and kinds of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from tallystick.insight.allocation import CellKey, Worked, allocate
from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger
from tallystick.store.effort_schema import direct_cost, effort, profit_cell
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


def by_part(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    """Every cell of the scope shared out to the parts `by` names."""
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
