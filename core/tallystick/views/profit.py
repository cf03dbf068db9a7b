"""The profit table, read from the cells that follow every change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, select

from tallystick.errors import Stop
from tallystick.insight.profit import UNROUTED, Figures, Ledger, ProfitRow, rows, totals
from tallystick.insight.quality import Quality
from tallystick.period import Period
from tallystick.store.cell_terms import CellTerms
from tallystick.store.closed_cells import reported
from tallystick.store.database import Database
from tallystick.store.keeping import ensure
from tallystick.views.profit_names import names_of
from tallystick.views.profit_quality import quality

By = Literal["contract", "client", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class ProfitView:
    """Rows and, per currency, their totals; what they rest on."""

    period: Period
    by: By
    rows: list[ProfitRow]
    totals: list[ProfitRow]
    quality: Quality


def profit(database: Database, terms: CellTerms, period: Period, by: By) -> ProfitView:
    """Profit of whole months; raises `Stop` for a period that cuts a month."""
    whole_months(period)
    ensure(database, terms)
    with database.read() as connection:
        ledger = Ledger()
        for row in cells_of(connection, period):
            ledger.add(_ref(row, by), row.currency, figures_of(row))
        names = names_of(connection, by, [key.ref for key in ledger.sums])
        computed = rows(ledger.sums, names)
        return ProfitView(
            period, by, computed, totals(ledger.sums), quality(connection, terms, period)
        )


def whole_months(period: Period) -> None:
    if period.start.day != 1 or period.end.day != 1:
        raise Stop(
            f"Revenue is kept by month, so profit of {period} cannot be told.",
            do="Ask for whole months, such as 2026-09 or 2026-07..2026-09.",
        )


def cells_of(connection: Connection, period: Period) -> Any:
    """The cells of a period by contract, client, month and currency, as they are reported."""
    cell = reported(connection, period)
    return connection.execute(
        select(cell).where(cell.c.month >= period.start, cell.c.month < period.end)
    )


def figures_of(row: Any) -> Figures:
    return Figures(*(int(getattr(row, name)) for name in Figures._fields))


def _ref(row: Any, by: By) -> str:
    match by:
        case "contract":
            return row.contract or f"{UNROUTED} ({row.client or 'no client'})"
        case "client":
            return row.client or "no client"
        case _:
            return span_name(row.month, by)


def span_name(month: date, by: str) -> str:
    """`2026-09`, `2026-Q3` or `2026`."""
    if by == "month":
        return f"{month:%Y-%m}"
    if by == "quarter":
        return f"{month.year}-Q{(month.month + 2) // 3}"
    return str(month.year)
