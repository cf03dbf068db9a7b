"""Profit by what the work was: tickets, technicians, assets and kinds of both."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Table, bindparam, cast, func, select

from tallystick.insight.allocation import CellKey, Worked, allocate
from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger, RowKey
from tallystick.period import Period, month
from tallystick.store import parts_told
from tallystick.store.cells import TURN
from tallystick.store.database import Database
from tallystick.store.effort_schema import direct_cost, effort, part_profit, profit_cell
from tallystick.store.turn import take_turn
from tallystick.views.profit_scope import SINCE, UNTIL, Scope, within

PARTS = {
    "ticket": ("ticket", "no ticket"),
    "ticket-type": ("ticket_type", "no ticket type"),
    "technician": ("technician", "nobody named"),
    "asset": ("asset", "no asset"),
    "work-type": ("work_type", "no work type"),
}
"""The column of `effort` a table goes by, and what is said where it is empty."""
KEY = ("contract", "client", "month", "currency")
OF_EFFORT = Figures._fields[2:-1]
"""All but revenue and direct cost, which no work has."""

kept = part_profit.c
KEPT = (
    select(kept.part, kept.currency)
    .add_columns(*(cast(func.sum(kept[name]), BigInteger) for name in Figures._fields))
    .where(kept.dimension == bindparam("by"), kept.driver == bindparam("driver"))
    .where(kept.month >= SINCE, kept.month < UNTIL)
    .group_by(kept.part, kept.currency)
)


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
    ledger = Ledger()
    ledger.sums = {
        RowKey(row[0], row[1]): Figures._make(row[2:])
        for row in connection.execute(KEPT, {**scope.values, "by": by, "driver": driver}).all()
    }
    return ledger


def _shared_out(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    many = len(KEY)
    cells = {
        CellKey._make(row[:many]): Figures._make(row[many:])
        for row in cells_of(connection, scope).all()
    }
    worked = chain(_effort(connection, scope, by), _direct(connection, scope, by))
    return allocate(cells, worked, driver)


def cells_of(connection: Connection, scope: Scope) -> Any:
    """The cells of the scope."""
    return connection.execute(_cells(scope.of_one), scope.values)


@cache
def _cells(of_one: bool) -> Select[Any]:
    return select(profit_cell).where(*within(profit_cell.c.month, profit_cell.c.client, of_one))


def figures_of(row: Any) -> Figures:
    return Figures._make(getattr(row, name) for name in Figures._fields)


def _effort(connection: Connection, scope: Scope, by: str) -> Iterator[Worked]:
    name, nothing = PARTS[by]
    for row in _summed(connection, scope, effort, name, OF_EFFORT):
        part, *figures = row[len(KEY) :]
        yield Worked(CellKey._make(row[: len(KEY)]), part or nothing, Figures(0, 0, *figures))


def _direct(connection: Connection, scope: Scope, by: str) -> Iterator[Worked]:
    """Costs that name a ticket go to it; in any other table they are shared out."""
    if by != "ticket":
        return
    of = ("direct_minor", "unexchanged_costs")
    for row in _summed(connection, scope, direct_cost, "ticket", of):
        part, minor, unexchanged = row[len(KEY) :]
        if part is not None:
            figures = Figures(direct_minor=minor, unexchanged_costs=unexchanged)
            yield Worked(CellKey._make(row[: len(KEY)]), part, figures)


def _summed(
    connection: Connection, scope: Scope, table: Table, part: str, names: tuple[str, ...]
) -> Any:
    """By cell and part, the sums of those columns."""
    return connection.execute(_sums(table, part, names, scope.of_one), scope.values).all()


@cache
def _sums(table: Table, part: str, names: tuple[str, ...], of_one: bool) -> Select[Any]:
    keys = [table.c[one] for one in (*KEY, part)]
    sums = [cast(func.sum(table.c[name]), BigInteger) for name in names]
    here = within(table.c.month, table.c.client, of_one)
    return select(*keys, *sums).where(*here).group_by(*keys)
