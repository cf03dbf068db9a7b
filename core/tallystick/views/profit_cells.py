"""Profit by contract, client or span of time: cells, which the database sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
)

from tallystick.insight.dimensions import By
from tallystick.insight.profit import UNROUTED, Figures, Ledger, RowKey
from tallystick.store.binding import many
from tallystick.store.profit.schema import profit_cell
from tallystick.views.profit_scope import Scope, within

cell = profit_cell.c
KEYS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "contract": (cell.contract, cell.client),
    "client": (cell.client,),
}
"""What tells the rows of a table apart; where it is not here, the month."""
SUMS = [cast(func.sum(cell[name]), BigInteger).label(name) for name in Figures._fields]
NOBODY = "no client"
UNROUTED_OF = f"{UNROUTED} ("
Trends = dict[RowKey, list[int | None]]
"""The margin of each row by month in minor units, None where its cost is not all known."""


def missing(of: Any) -> Any:
    """What keeps the margin of figures from being known, by the columns `of` their table."""
    return of.uncosted_seconds + of.unexchanged_seconds + of.unexchanged_costs


def margin(of: Any) -> Any:
    """Revenue less all cost, by the columns `of` their table."""
    return of.revenue_minor - of.direct_minor - of.labour_minor - of.overhead_minor


def by_cell(connection: Connection, scope: Scope, by: By) -> Ledger:
    """The cells of the scope by what each row is."""
    found = connection.execute(_summed(by, scope.of_one), scope.values).all()
    ledger, at = Ledger(), len(_keys(by))
    sums = ledger.sums
    for row in found:
        key = RowKey(_ref(row, by), row[at])
        figures = Figures._make(row[at + 1 :])
        before = sums.get(key)
        sums[key] = figures if before is None else before.plus(figures)
    return ledger


def _keys(by: By) -> Sequence[ColumnElement[Any]]:
    return KEYS.get(by, (cell.month,))


@cache
def _summed(by: By, of_one: bool) -> Select[Any]:
    keys = (*_keys(by), cell.currency)
    return select(*keys, *SUMS).where(*within(cell.month, cell.client, of_one)).group_by(*keys)


def cell_totals(connection: Connection, scope: Scope) -> dict[str, Figures]:
    """The sums of all cells of the scope, by currency."""
    rows = connection.execute(_totals(scope.of_one), scope.values)
    return {row[0]: Figures._make(row[1:]) for row in rows}


@cache
def _totals(of_one: bool) -> Select[Any]:
    here = within(cell.month, cell.client, of_one)
    return select(cell.currency, *SUMS).where(*here).group_by(cell.currency)


def trends_of(connection: Connection, scope: Scope, by: By, keys: Set[RowKey] | None) -> Trends:
    """The trends of the rows `keys`, or of all; none of one month, or where rows are spans."""
    places = {one.start: at for at, one in enumerate(scope.period.months())}
    if by not in KEYS or len(places) == 1:
        return {}
    named = {} if keys is None else _named({key.ref for key in keys})
    asked = _margins(by, scope.of_one, keys is not None)
    found: Trends = {}
    for *row, currency, month, lacking, left in connection.execute(asked, scope.values | named):
        key = RowKey(_ref(row, by), currency)
        if keys is not None and key not in keys:
            continue
        margins = found.get(key)
        if margins is None:
            margins = found[key] = [0] * len(places)
        at = places[month]
        before = margins[at]
        margins[at] = None if lacking or before is None else before + left
    return found


@cache
def _margins(by: By, of_one: bool, of_some: bool) -> Select[Any]:
    asked = select(*KEYS[by], cell.currency, cell.month, missing(cell), margin(cell))
    asked = asked.where(*within(cell.month, cell.client, of_one))
    return asked.where(_one_of(by)) if of_some else asked


def _one_of(by: By) -> ColumnElement[bool]:
    """That a cell is in one of the rows `_named`."""
    if by == "client":
        return cell.client.in_(many("refs"))
    unrouted = and_(cell.contract == "", cell.client.in_(many("unrouted")))
    return or_(cell.contract.in_(many("refs")), unrouted)


def _named(refs: Set[str]) -> dict[str, list[str]]:
    unrouted = [ref.removeprefix(UNROUTED_OF)[:-1] for ref in refs if ref.startswith(UNROUTED_OF)]
    return {"refs": _cells_say(refs), "unrouted": _cells_say(unrouted)}


def _cells_say(refs: Iterable[str]) -> list[str]:
    return sorted("" if ref == NOBODY else ref for ref in refs)


def _ref(row: Sequence[Any], by: By) -> str:
    """What the row of a cell is called; a contract that changed hands has cells of two clients."""
    if by == "contract":
        return row[0] or f"{UNROUTED_OF}{row[1] or NOBODY})"
    if by == "client":
        return row[0] or NOBODY
    return span_name(row[0], by)


def span_name(month: date, by: str) -> str:
    """`2026-09`, `2026-Q3` or `2026`."""
    if by == "month":
        return f"{month:%Y-%m}"
    if by == "quarter":
        return f"{month.year}-Q{(month.month + 2) // 3}"
    return str(month.year)
