"""Profit by contract, client or span of time: cells, which the database sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    case,
    cast,
    func,
    literal,
    select,
)

from tallystick.insight.dimensions import By
from tallystick.insight.profit import UNROUTED, Figures, Ledger, RowKey
from tallystick.period import Period
from tallystick.store.effort_schema import profit_cell
from tallystick.views.profit_scope import Scope

cell = profit_cell.c
KEYS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "contract": (cell.contract, cell.client),
    "client": (cell.client,),
}
"""What tells the rows of a table apart; where it is not here, the month."""
SUMS = [cast(func.sum(cell[name]), BigInteger).label(name) for name in Figures._fields]
MISSING = cell.uncosted_seconds + cell.unexchanged_seconds + cell.unexchanged_costs
MARGIN = cell.revenue_minor - cell.direct_minor - cell.labour_minor - cell.overhead_minor
UNKNOWN = "?"
TOLD = func.aggregate_strings(
    cast(cell.month, Text)
    + literal(" ")
    + case((MISSING == 0, cast(MARGIN, Text)), else_=literal(UNKNOWN)),
    ",",
)
"""The margins of a row's cells in one text: a database hands over one text sooner than many rows.
In no order: each says its month."""


class Trends(Mapping[RowKey, Sequence[int | None]]):
    """The margin of each row by month in minor units, None where its cost is not all known; made of
    `TOLD` for the rows that are looked at."""

    def __init__(self, period: Period, told: Mapping[RowKey, str]) -> None:
        self._places = {str(one.start): at for at, one in enumerate(period.months())}
        self._told = told

    def __getitem__(self, key: RowKey) -> Sequence[int | None]:
        margins: list[int | None] = [0] * len(self._places)
        for one in self._told[key].split(","):
            month, margin = one.split(" ")
            at = self._places[month]
            before = margins[at]
            unknown = before is None or margin == UNKNOWN
            margins[at] = None if unknown else (before or 0) + int(margin)
        return margins

    def __iter__(self) -> Iterator[RowKey]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def by_cell(connection: Connection, scope: Scope, by: By) -> tuple[Ledger, Trends]:
    """The cells of the scope by what each row is, and where rows are contracts or clients over
    several months, what each of these brought."""
    ledger, told = Ledger(), dict[RowKey, str]()
    keys = KEYS.get(by, (cell.month,))
    trend = TOLD if by in KEYS and len(list(scope.period.months())) > 1 else literal("")
    statement = (
        select(*keys, cell.currency, trend, *SUMS)
        .where(*scope.of(cell.month, cell.client))
        .group_by(*keys, cell.currency)
    )
    many = len(keys)
    for row in connection.execute(statement):
        key = RowKey(_ref(row, by), row[many])
        ledger.add(*key, Figures._make(row[many + 2 :]))
        if of_months := row[many + 1]:
            told[key] = f"{told[key]},{of_months}" if key in told else of_months
    return ledger, Trends(scope.period, told)


def _ref(row: Sequence[Any], by: By) -> str:
    match by:
        case "contract":
            return row[0] or f"{UNROUTED} ({row[1] or 'no client'})"
        case "client":
            return row[0] or "no client"
        case _:
            return span_name(row[0], by)


def span_name(month: date, by: str) -> str:
    """`2026-09`, `2026-Q3` or `2026`."""
    if by == "month":
        return f"{month:%Y-%m}"
    if by == "quarter":
        return f"{month.year}-Q{(month.month + 2) // 3}"
    return str(month.year)
