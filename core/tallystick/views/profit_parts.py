"""Profit by what the work was: tickets, technicians, assets and kinds of both, shared out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Table, cast, func, select

from tallystick.insight.allocation import DRIVERS, CellKey, Worked, allocate
from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger
from tallystick.period import Period, parse_period
from tallystick.store.database import Database
from tallystick.store.profit import parts_told
from tallystick.store.profit.cells import TURN
from tallystick.store.profit.schema import direct_cost, effort, profit_cell
from tallystick.store.progress import Step, untold
from tallystick.store.turn import take_turn
from tallystick.views.profit_scope import Scope, within

PARTS = {
    "ticket": ("ticket", "no ticket"),
    "ticket-type": ("ticket_type", "no ticket type"),
    "technician": ("technician", "nobody named"),
    "asset": ("asset", "no asset"),
    "work-type": ("work_type", "no work type"),
}
"""The column of `effort` a table goes by, and what is said where it is empty."""
KEY = CellKey._fields
OF_EFFORT = Figures._fields[2:-1]
"""All but revenue and direct cost, which no work has."""


def keep_parts(
    database: Database, period: Period, by: str, driver: Driver, step: Step = untold
) -> None:
    """Share out those months of all clients of which something changed since that was done; for
    years that are in the period whole, sum them."""
    with database.read() as connection:
        told = parts_told.told(connection, by, driver)
    months = [one for one in period.months() if parts_told.span_of(one.start) not in told]
    years = [one for one in spans_of(period) if one not in told and len(one) == len("2026")]
    if not months and not years:
        return
    with step(f"bookings whose months are shared out by {by}") as more:
        for one in months:
            with database.write() as connection:
                take_turn(connection, TURN)
                sums = shared_out(connection, Scope(one), by, driver).sums
                parts_told.tell(connection, one.start, by, driver, sums.items())
            more(sum(of.bookings for of in sums.values()))
        for year in years:
            with database.write() as connection:
                take_turn(connection, TURN)
                parts_told.tell_year(connection, year, by, driver)


@contextmanager
def kept_again(database: Database, step: Step = untold) -> Iterator[None]:
    """Around a rebuild: the tables that were shared out before it are shared out again after it, so
    that no reading has to."""
    with database.read() as connection:
        tables = parts_told.tables(connection)
    yield
    drivers = {str(one): one for one in DRIVERS}
    for by, driver, first, last in tables:
        keep_parts(database, parse_period(f"{first}..{last}"), by, drivers[driver], step)


def spans_of(period: Period) -> list[str]:
    """Whole months as parts are kept: years that are in it whole, and the other months."""
    months = [parts_told.span_of(one.start) for one in period.months()]
    years = {one[:4] for one in months if f"{one[:4]}-01" in months and f"{one[:4]}-12" in months}
    return sorted(years) + [one for one in months if one[:4] not in years]


def shared_out(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    """Every cell of the scope shared out to the parts `by` names, from their work."""
    many = len(KEY)
    cells = {
        CellKey._make(row[:many]): Figures._make(row[many:])
        for row in connection.execute(_cells(scope.of_one), scope.values).all()
    }
    worked = chain(_effort(connection, scope, by), _direct(connection, scope, by))
    return allocate(cells, worked, driver)


@cache
def _cells(of_one: bool) -> Select[Any]:
    return select(profit_cell).where(*within(profit_cell.c.month, profit_cell.c.client, of_one))


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
