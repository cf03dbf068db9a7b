"""`profit`, `explain booking`, `explain invoice`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tallystick.billing.rates import clock
from tallystick.cli.options import COMMON, Common
from tallystick.cli.screen import Screen
from tallystick.engine.terms import exchange_rates
from tallystick.insight.profit import ProfitRow
from tallystick.period import parse_period
from tallystick.views import explain_booking as bookings
from tallystick.views import explain_invoice as invoices
from tallystick.views.profit import By, ProfitView
from tallystick.views.profit import profit as read_profit


def profit(
    period: str, /, *, by: Annotated[By, Parameter()] = "contract", common: Common = COMMON
) -> None:
    """Show recognised revenue against effort for PERIOD (2026-09, 2026-Q3), worst margin first.

    Parameters
    ----------
    by
        One row per contract, or per client.
    """
    screen = common.screen
    with common.installation() as installation:
        found = read_profit(
            installation.database,
            installation.terms,
            parse_period(period),
            by,
            exchange_rates(installation.config),
        )
    screen.result(found, lambda: show_profit(screen, found))


def show_profit(screen: Screen, found: ProfitView) -> None:
    screen.table(
        f"Profit {found.period} by {found.by}",
        ("", "revenue", "hours", "effort cost", "margin", "%", "per hour", "beside it"),
        [*map(_profit_cells, found.rows), *map(_profit_cells, found.totals)],
    )
    screen.line(
        "margin = recognised revenue - effort cost (direct cost not included); "
        "per hour = revenue / hours worked",
        "dim",
    )


def _profit_cells(row: ProfitRow) -> tuple[object, ...]:
    return (
        row.name,
        row.revenue,
        clock(row.seconds // 60 * 60),
        row.effort_cost,
        row.margin,
        row.margin_percent,
        row.effective_hourly_rate,
        list(row.notes),
    )


def explain_booking(ref: str, /, *, common: Common = COMMON) -> None:
    """Show where booking REF went: contract, line, rate, invoice, and the reason for each."""
    screen = common.screen
    with common.installation() as installation:
        story = bookings.explain_booking(
            installation.database, installation.terms, ref, installation.today
        )
    screen.result(story, lambda: _show_booking(screen, story))


def _show_booking(screen: Screen, story: bookings.BookingStory) -> None:
    work = story.work
    kind = work.work_type or "unnamed work"
    screen.line(f"Booking {work.ref}: {clock(work.seconds)} h {kind} on {work.work_date}", "bold")
    screen.line(f"for {story.client}, by {work.technician or 'nobody named'}")
    screen.line(f"contract: {story.route}")
    for placement in story.placements:
        screen.line(f"{placement.bucket}: {clock(placement.seconds)} h", "bold")
        for reason in placement.reason:
            screen.line(f"  - {reason}")
    for charge in story.charges:
        screen.line(f"comes to {charge.amount}", "bold")
    if not story.billed:
        screen.line("On no invoice yet." if story.charges else "On no invoice.")
    for one in story.billed:
        screen.line(f"billed {one.amount} on {one.invoice}, line {one.position}")


def explain_invoice(number: str, line: int | None = None, /, *, common: Common = COMMON) -> None:
    """Show what is behind invoice NUMBER: the facts of every LINE, postings, and events."""
    screen = common.screen
    with common.installation() as installation:
        story = invoices.explain_invoice(installation.database, number)
    screen.result(story, lambda: _show_invoice(screen, story, line))


def _show_invoice(screen: Screen, story: invoices.InvoiceStory, only: int | None) -> None:
    kind = story.kind.replace("_", " ").capitalize()
    screen.line(f"{kind} {story.number} to {story.client}: {story.gross}, {story.state}", "bold")
    screen.line(f"issued {story.issued_on}, due {story.due_on}, settled {story.settled}")
    for line in story.lines:
        if only not in (None, line.position):
            continue
        title = f"Line {line.position}: {line.text} = {line.net} (tax: {line.tax_category})"
        if line.corrects:
            title += f", corrects {', '.join(line.corrects)}"
        screen.table(
            title,
            ("what", "quantity", "amount", "because"),
            [
                (one.basis, f"{one.quantity} {one.unit}", one.amount, list(one.reason))
                for one in line.charges
            ],
        )
    if only is None:
        screen.table(
            "Journal",
            ("account", "amount", "service month"),
            [(one.account, one.amount, one.service_month) for one in story.postings],
        )
        if story.events:
            screen.table(
                "What became of it",
                ("what", "state", "detail"),
                [(one.what, one.state, one.detail) for one in story.events],
            )
