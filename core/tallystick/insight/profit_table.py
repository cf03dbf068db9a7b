"""A profit table as plain cells, for spreadsheets and CSV: figures are figures, text is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tallystick.csv_text import inert
from tallystick.insight.allowances import AllowanceUnit, Units, told
from tallystick.insight.measures import Value
from tallystick.insight.profit import ProfitRow, RowKey
from tallystick.money import Money

Cell = str | Decimal | None
COLUMNS = (
    *("ref", "name", "currency", "revenue", "hours", "unpaid_hours", "labour", "overhead"),
    *("effort_cost", "direct_cost", "margin", "margin_percent", "effective_hourly_rate"),
)


def columns(measures: Sequence[str], units: Sequence[AllowanceUnit]) -> list[str]:
    """The names of the columns, those of `measures` and two per unit of allowances before the
    notes."""
    used = [f"{unit}_{what}" for unit in units for what in ("used", "available")]
    return [*COLUMNS, *measures, *used, "notes"]


def cells(
    rows: Sequence[ProfitRow],
    measures: Mapping[RowKey, Sequence[Value]],
    allowances: Mapping[RowKey, Units],
    units: Sequence[AllowanceUnit],
) -> list[list[Cell]]:
    """A list per row; amounts in major units, hours to two places, allowances to four."""
    found = []
    for row in rows:
        key = row.key
        own = told(allowances.get(key, {}))
        used = [own.get(unit, {}).get(what) for unit in units for what in ("used", "available")]
        found.append(_cells(row, measures.get(key, ()), used))
    return found


def _cells(row: ProfitRow, measured: Sequence[Value], used: Sequence[Decimal | None]) -> list[Cell]:
    return [
        row.ref,
        row.name,
        row.currency,
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
        *used,
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
