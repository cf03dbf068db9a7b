"""Profit by contract line: revenue as the journal has it, work where pricing places it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, cast, func, select

from tallystick.insight.profit import Figures, Ledger
from tallystick.store.books.schema import posting
from tallystick.store.profit.cells import REVENUE
from tallystick.store.profit.schema import EFFORT_SUMS, line_effort, profit_cell
from tallystick.views.profit_scope import Scope, within

NO_LINE = "no line"


def by_line(connection: Connection, scope: Scope) -> Ledger:
    """Revenue of each contract line as the journal has it, and the effort of the bookings the
    line took. Direct cost, and work no line took, is in the row `no line`."""
    ledger = Ledger()
    for line, currency, minor in connection.execute(_revenue(scope.of_one), scope.values):
        ledger.add(line or NO_LINE, currency, Figures(revenue_minor=minor))
    for currency, minor, unexchanged in connection.execute(_direct(scope.of_one), scope.values):
        spent = Figures(direct_minor=minor, unexchanged_costs=unexchanged)
        if any(spent):
            ledger.add(NO_LINE, currency, spent)
    for line, currency, *sums in connection.execute(_worked(scope.of_one), scope.values):
        figures = Figures(**dict(zip(EFFORT_SUMS, sums, strict=True)))
        ledger.add(line or NO_LINE, currency, figures)
    return ledger


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.sum(column), BigInteger)


@cache
def _revenue(of_one: bool) -> Select[Any]:
    return (
        select(posting.c.line, posting.c.currency, _sum(-posting.c.amount_minor))
        .where(posting.c.account.startswith(REVENUE))
        .where(*within(posting.c.reported_in, posting.c.client, of_one))
        .group_by(posting.c.line, posting.c.currency)
    )


@cache
def _direct(of_one: bool) -> Select[Any]:
    cell = profit_cell.c
    sums = map(_sum, (cell.direct_minor, cell.unexchanged_costs))
    here = within(cell.month, cell.client, of_one)
    return select(cell.currency, *sums).where(*here).group_by(cell.currency)


@cache
def _worked(of_one: bool) -> Select[Any]:
    worked = line_effort.c
    keys = (worked.line, worked.currency)
    sums = [_sum(worked[name]) for name in EFFORT_SUMS]
    here = within(worked.month, worked.client, of_one)
    return select(*keys, *sums).where(*here).group_by(*keys)
