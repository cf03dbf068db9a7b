"""`profit`, `books rebuild`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common, PeriodText
from tallystick.insight.dimensions import By, Driver

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.engine.installation import Installation
    from tallystick.insight.allowances import AllowanceUnit, Used
    from tallystick.insight.measures import Value
    from tallystick.insight.profit import ProfitRow
    from tallystick.views.profit import ProfitView

DEFINITIONS = (
    "effort = hours at cost with overhead; margin = revenue - effort - direct cost; "
    "per hour = revenue / hours"
)
SHOWN = 100
"""So many rows of a currency are printed; the files and --json have all."""


def profit(
    period: PeriodText,
    /,
    *,
    by: By = "contract",
    driver: Driver = "hours",
    measure: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    client: str | None = None,
    allowance: Annotated[bool, Parameter(negative=())] = False,
    html: Path | None = None,
    csv: Path | None = None,
    xlsx: Path | None = None,
    common: Common = COMMON,
) -> None:
    """Show revenue against effort and direct cost, the worst margin first.

    Revenue is what the books recognised in the months of PERIOD.

    Parameters
    ----------
    by
        What each row is.
    driver
        By what a contract's revenue goes to its tickets, technicians and so on.
    measure
        A measure of another system beside it, such as contribution-per-hour; repeatable.
    client
        Only this client's, by id or name.
    allowance
        What was used of allowances, included tickets and prepaid balances, of what was available.
    html
        Write a report with charts to this file.
    csv
        Write the rows to this file.
    xlsx
        Write the rows to this spreadsheet.
    """
    from tallystick.cli.profit_files import write_csv, write_report, write_sheet
    from tallystick.period import parse_period
    from tallystick.views.profit import profit as read_profit

    screen = common.screen
    everything = screen.as_json or html or csv or xlsx
    with common.installation() as installation:
        found = read_profit(
            installation.database,
            installation.cells,
            parse_period(period),
            by,
            installation.terms,
            driver,
            measure,
            _client(installation, client),
            allowance,
            shown=None if everything else SHOWN,
            step=screen.step,
        )
        if html:
            write_report(html, installation, found)
    if csv:
        write_csv(csv, found)
    if xlsx:
        write_sheet(xlsx, found)
    screen.result(document_of(found), lambda: show_profit(screen, found))
    for path in (html, csv, xlsx):
        if path:
            screen.say(f"Written to {path}.")


def _client(installation: Installation, name: str | None) -> str | None:
    from tallystick.cli.names import client_names

    if name is None:
        return None
    with installation.database.read() as connection:
        return client_names(connection, installation.homes).find(name)


def document_of(found: ProfitView) -> dict[str, object]:
    """The view with its measures, trends and allowances in each row."""
    from tallystick.cli.documents import fields_of
    from tallystick.insight.allowances import DEFINITION as ALLOWANCES
    from tallystick.insight.allowances import told

    rows = []
    for row in found.rows:
        key = row.key
        named = dict(zip(found.definitions, found.measures.get(key, ()), strict=False))
        rows.append(
            {
                **row.told(),
                "measures": named,
                "trend": found.trends.get(key, ()),
                "allowances": told(found.allowances.get(key, {})),
            }
        )
    return {
        **fields_of(found),
        "rows": rows,
        "totals": [total.told() for total in found.totals],
        "measures": found.definitions,
        "trends": None,
        "allowances": ALLOWANCES if found.allowances else None,
    }


def show_profit(screen: Screen, found: ProfitView) -> None:
    """A table per currency, so that its amounts can be compared."""
    from tallystick.insight.allowances import DEFINITION as ALLOWANCES
    from tallystick.insight.allowances import in_order
    from tallystick.insight.profit import RowKey
    from tallystick.insight.quality import sentences

    if not found.rows:
        screen.line(f"There is no revenue and no work in {found.period}.")
        return
    heads = ["", "revenue", "hours", "effort", "direct", "margin", "%", "per hour"]
    heads += found.definitions
    for total in found.totals:
        currency = total.currency
        rows = [row for row in found.rows if row.currency == currency]
        shown, left = rows[:SHOWN], len(rows[SHOWN:]) + found.left.get(currency, 0)
        units = in_order(found.allowances.get(RowKey("total", currency), {}))
        used = [f"{unit} used" for unit in units]
        screen.table(
            found.title,
            [*heads, *used, *(["trend"] if found.trends else [])],
            [_cells(found, row, units) for row in (*shown, total)],
            spare=("trend",),
        )
        if left:
            screen.line(f"The first {SHOWN} rows are shown, {left:,} more in --csv and --json.")
        for row in shown:
            for note in row.notes:
                screen.line(f"{row.name}: {note}", "yellow")
    for sentence in sentences(found.quality):
        screen.line(sentence, "yellow")
    screen.line(DEFINITIONS, "dim")
    for name, definition in found.definitions.items():
        screen.line(f"{name} = {definition}", "dim")
    if found.allowances:
        screen.line(f"used = {ALLOWANCES}", "dim")
    if found.driver:
        screen.line(found.driver, "dim")


def _cells(found: ProfitView, row: ProfitRow, units: Sequence[AllowanceUnit]) -> tuple[object, ...]:
    from tallystick.billing.rates.cards import clock
    from tallystick.insight.trend import sparkline

    key = row.key
    nothing: list[Value] = [None] * len(found.definitions)
    trend = (sparkline(found.trends.get(key, ())),) if found.trends else ()
    return (
        row.name,
        row.revenue,
        clock(row.seconds // 60 * 60),
        row.effort_cost,
        row.direct_cost,
        row.margin,
        row.margin_percent,
        row.effective_hourly_rate,
        *found.measures.get(key, nothing),
        *(_told(found.allowances.get(key, {}).get(unit)) for unit in units),
        *trend,
    )


def _told(used: Used | None) -> str | None:
    return None if used is None else str(used)


def rebuild(*, common: Common = COMMON) -> None:
    """Make effort, cost and profit again from all facts and the journal, by line too, and what
    is kept of tables by ticket and so on.

    They follow every change by themselves; this is for being sure.
    """
    from tallystick.store.profit.rebuilding import rebuild as make_again
    from tallystick.views.line_effort import keep_lines
    from tallystick.views.profit_parts import kept_again

    screen = common.screen
    with common.installation() as installation:
        database = installation.database
        with kept_again(database, screen.step):
            with screen.step("effort and profit of all bookings") as more:
                count = make_again(database, installation.cells)
                more(count)
            keep_lines(database, installation.terms, None, screen.step)
    screen.result({"bookings": count}, lambda: screen.line(f"Made again from {count:,} bookings."))
