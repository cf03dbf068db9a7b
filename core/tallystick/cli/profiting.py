"""`profit`, `books rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tallystick.cli.options import COMMON, Common, PeriodText

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.insight.profit import ProfitRow
    from tallystick.views.profit import ProfitView

DEFINITIONS = (
    "effort = hours at cost with overhead; margin = revenue - effort - direct cost; "
    "per hour = revenue / hours"
)


def profit(
    period: PeriodText,
    /,
    *,
    by: Literal["contract", "client", "month", "quarter", "year"] = "contract",
    common: Common = COMMON,
) -> None:
    """Show revenue against effort and direct cost, the worst margin first.

    Revenue is what the books recognised in the months of PERIOD.

    Parameters
    ----------
    by
        What each row is.
    """
    from tallystick.period import parse_period
    from tallystick.views.profit import profit as read_profit

    screen = common.screen
    with common.installation() as installation:
        found = read_profit(installation.database, installation.cells, parse_period(period), by)
    screen.result(found, lambda: show_profit(screen, found))


def show_profit(screen: Screen, found: ProfitView) -> None:
    """A table per currency, so that its amounts can be compared."""
    from tallystick.insight.quality import sentences

    if not found.rows:
        screen.line(f"There is no revenue and no work in {found.period}.")
        return
    for total in found.totals:
        currency = total.revenue.currency
        rows = [row for row in found.rows if row.revenue.currency == currency]
        screen.table(
            f"Profit {found.period} by {found.by}",
            ("", "revenue", "hours", "effort", "direct", "margin", "%", "per hour"),
            [*map(_cells, rows), _cells(total)],
        )
        for row in rows:
            for note in row.notes:
                screen.line(f"{row.name}: {note}", "yellow")
    for sentence in sentences(found.quality):
        screen.line(sentence, "yellow")
    screen.line(DEFINITIONS, "dim")


def _cells(row: ProfitRow) -> tuple[object, ...]:
    from tallystick.billing.rates.cards import clock

    return (
        row.name,
        row.revenue,
        clock(row.seconds // 60 * 60),
        row.effort_cost,
        row.direct_cost,
        row.margin,
        row.margin_percent,
        row.effective_hourly_rate,
    )


def rebuild(*, common: Common = COMMON) -> None:
    """Make effort, cost and profit again from all facts and the journal.

    They follow every change by themselves; this is for being sure.
    """
    from tallystick.store.keeping import rebuild as make_again

    screen = common.screen
    with common.installation() as installation:
        count = make_again(installation.database, installation.cells)
    screen.result({"bookings": count}, lambda: screen.line(f"Made again from {count:,} bookings."))
