"""Profit cells as they are reported: closed months as they were, late changes in the open month.

                 July  August | September (first open)   October
    closed        100     200 |
    as they are   100     230 |  50                      80
    reported      100     200 |  50 + 30                 80

What a closed month has changed by since is its cells as they are, less those kept at its closing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, FromClause, delete, func, insert, literal, or_, select, union_all
from sqlalchemy.sql.selectable import Subquery

from tallystick.period import Period
from tallystick.store.cells import KEY
from tallystick.store.effort_schema import SUMS, closed_cell, profit_cell
from tallystick.store.periods import open_from


def reported(connection: Connection, period: Period) -> FromClause:
    """What to read in place of `profit_cell` for the months of `period`; it has its columns."""
    opened = open_from(connection)
    return profit_cell if opened is None else _reported(opened, period)


def keep(connection: Connection, end: date) -> None:
    """Keep the cells of every month before `end` that is open, as they are reported; to be called
    just before these months are closed."""
    opened = open_from(connection)
    cell = reported(connection, Period(date.min, end)).c
    statement = select(*(cell[name] for name in (*KEY, *SUMS))).where(cell.month < end)
    if opened is not None:
        statement = statement.where(cell.month >= opened)
    connection.execute(insert(closed_cell).from_select([*KEY, *SUMS], statement))


def let_go(connection: Connection, start: date) -> None:
    """Months from `start` on are open again: they read as they are."""
    connection.execute(delete(closed_cell).where(closed_cell.c.month >= start))


def _reported(opened: date, period: Period) -> Subquery:
    columns = (*KEY, *SUMS)
    parts: list[Any] = [
        select(*(closed_cell.c[name] for name in columns)).where(_within(closed_cell, period)),
        select(*(profit_cell.c[name] for name in columns)).where(
            _within(profit_cell, period), profit_cell.c.month >= opened
        ),
    ]
    if period.covers(opened):
        parts += [_moved_to(opened, profit_cell, 1), _moved_to(opened, closed_cell, -1)]
    rows = union_all(*parts).subquery()
    keys = [rows.c[name] for name in KEY]
    sums = [func.sum(rows.c[name]).label(name) for name in SUMS]
    some = [func.sum(rows.c[name]) != 0 for name in SUMS]
    return select(*keys, *sums).group_by(*keys).having(or_(*some)).subquery()


def _within(table: FromClause, period: Period) -> Any:
    return (table.c.month >= period.start) & (table.c.month < period.end)


def _moved_to(opened: date, table: FromClause, times: int) -> Any:
    """The cells of closed months, told in the first open one."""
    month = literal(opened, table.c.month.type).label("month")
    keys = [month if name == "month" else table.c[name] for name in KEY]
    sums = [(table.c[name] * times).label(name) for name in SUMS]
    return select(*keys, *sums).where(table.c.month < opened)
