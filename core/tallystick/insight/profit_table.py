"""A profit table as plain cells, for spreadsheets and CSV: figures are figures, text is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tallystick.csv_text import inert
from tallystick.insight.measures import Value
from tallystick.insight.profit import ProfitRow, RowKey
from tallystick.money import Money

Cell = str | Decimal | None
COLUMNS = (
    *("ref", "name", "currency", "revenue", "hours", "unpaid_hours", "labour", "overhead"),
    *("effort_cost", "direct_cost", "margin", "margin_percent", "effective_hourly_rate"),
)


def columns(measures: Sequence[str]) -> list[str]:
    """The names of the columns, those of `measures` before the notes."""
    return [*COLUMNS, *measures, "notes"]


def cells(
    rows: Sequence[ProfitRow], measures: Mapping[RowKey, Sequence[Value]]
) -> list[list[Cell]]:
    """A list per row; amounts in major units, hours to two places."""
    return [_cells(row, measures.get(RowKey(row.ref, row.revenue.currency), ())) for row in rows]


def _cells(row: ProfitRow, measured: Sequence[Value]) -> list[Cell]:
    return [
        row.ref,
        row.name,
        row.revenue.currency,
        row.revenue.amount,
        _hours(row.seconds),
        _hours(row.unpaid_seconds),
        row.labour.amount,
        row.overhead.amount,
        row.effort_cost.amount,
        row.direct_cost.amount,
        _figure(row.margin),
        row.margin_percent,
        _figure(row.effective_hourly_rate),
        *map(_figure, measured),
        "; ".join(row.notes),
    ]


def _figure(value: Value) -> Decimal | None:
    return value.amount if isinstance(value, Money) else value


def _hours(seconds: int) -> Decimal:
    return (Decimal(seconds) / 3600).quantize(Decimal("0.01"))


def written(cell: Cell) -> str:
    """A cell as CSV writes it."""
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, Decimal) else inert(cell)
