"""A profit table as files: a report, CSV, a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.insight import profit_table, quality
from tallystick.insight.allowances import DEFINITION
from tallystick.insight.charts import Column
from tallystick.insight.profit import ProfitRow
from tallystick.insight.report import Report, page

if TYPE_CHECKING:
    from tallystick.engine.installation import Installation
    from tallystick.views.profit import ProfitView


def write_report(path: Path, installation: Installation, found: ProfitView) -> None:
    """One HTML page with charts, complete in itself."""
    from tallystick.views.profit import profit

    monthly = profit(
        installation.database, installation.cells, found.period, "month", client=found.client
    )
    columns: dict[str, list[Column]] = {}
    for row in sorted(monthly.rows, key=lambda one: one.ref):
        columns.setdefault(row.revenue.currency, []).append(_column(row))
    made = page(
        Report(
            msp=installation.config.msp.name,
            title=found.title,
            rows=found.rows,
            totals=found.totals,
            months=columns,
            trends=found.trends,
            measures=found.measures,
            definitions=found.definitions,
            sentences=list(quality.sentences(found.quality)),
            driver=found.driver,
            allowances=found.allowances,
        )
    )
    path.write_text(made, encoding="utf-8")


def _column(row: ProfitRow) -> Column:
    spent = row.effort_cost + row.direct_cost
    return Column(row.ref, row.revenue.minor, spent.minor, f"revenue {row.revenue}, cost {spent}")


def write_csv(path: Path, found: ProfitView) -> None:
    """Comma-separated with a header; no text in it is a formula."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(profit_table.columns(list(found.definitions), found.units))
        for cells in _rows(found):
            writer.writerow(map(profit_table.written, cells))


def _rows(found: ProfitView) -> list[list[profit_table.Cell]]:
    return profit_table.cells(found.rows, found.measures, found.allowances, found.units)


def write_sheet(path: Path, found: ProfitView) -> None:
    """A spreadsheet with the rows, and what they rest on."""
    from tallystick.paper.profit_sheet import render

    about = [
        found.title,
        *quality.sentences(found.quality),
        *(f"{name}: {definition}" for name, definition in found.definitions.items()),
        *([f"used: {DEFINITION}"] if found.allowances else []),
        *([found.driver] if found.driver else []),
    ]
    columns = profit_table.columns(list(found.definitions), found.units)
    path.write_bytes(render(columns, _rows(found), about))
