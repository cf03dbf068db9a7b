"""`profit`, `explain booking`, `explain invoice`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common, PeriodText

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.insight.profit import ProfitRow
    from tallystick.views.explain_booking import BookingStory
    from tallystick.views.profit import ProfitView


def profit(
    period: PeriodText,
    /,
    *,
    by: Literal["contract", "client"] = "contract",
    common: Common = COMMON,
) -> None:
    """Show revenue against effort, the worst margin first.

    Revenue is what the books recognised in the months of PERIOD.

    Parameters
    ----------
    by
        One row per contract, or per client.
    """
    from tallystick.engine.terms import exchange_rates
    from tallystick.period import parse_period
    from tallystick.views.profit import profit as read_profit

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
    """A table per currency, so that its amounts can be compared."""
    if not found.rows:
        screen.line(f"There is no revenue and no work in {found.period}.")
        return
    for total in found.totals:
        currency = total.revenue.currency
        rows = [row for row in found.rows if row.revenue.currency == currency]
        screen.table(
            f"Profit {found.period} by {found.by}",
            ("", "revenue", "hours", "effort", "margin", "%", "per hour"),
            [*map(_profit_cells, rows), _profit_cells(total)],
        )
        for row in rows:
            for note in row.notes:
                screen.line(f"{row.name}: {note}", "yellow")
    screen.line(
        "effort = hours at cost; margin = revenue - effort, direct cost not included; "
        "per hour = revenue / hours",
        "dim",
    )


def _profit_cells(row: ProfitRow) -> tuple[object, ...]:
    from tallystick.billing.rates.cards import clock

    return (
        row.name,
        row.revenue,
        clock(row.seconds // 60 * 60),
        row.effort_cost,
        row.margin,
        row.margin_percent,
        row.effective_hourly_rate,
    )


def explain_booking(
    ref: Annotated[str, Parameter(help="The booking's id, as its own tool knows it.")],
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show where a booking went, and why.

    Its contract, line, rate and invoice, with the reason for each.
    """
    from tallystick.views.explain_booking import explain_booking as read_story

    screen = common.screen
    with common.installation() as installation:
        story = read_story(installation.database, installation.terms, ref, installation.today)
    screen.result(_booking_document(story), lambda: _show_booking(screen, story))


def _booking_document(story: BookingStory) -> dict[str, Any]:
    from tallystick.cli.documents import fields_of
    from tallystick.cli.proposals import with_money

    charges = [with_money(one, one.unit_price, one.amount.currency) for one in story.charges]
    return {**fields_of(story), "charges": charges}


def _show_booking(screen: Screen, story: BookingStory) -> None:
    from tallystick.billing.rates.cards import clock

    work = story.work
    kind = work.work_type or "unnamed work"
    screen.line(f"Booking {work.ref}: {clock(work.seconds)} h {kind} on {work.work_date}", "bold")
    screen.line(f"for {story.client}, by {work.technician or 'nobody named'}")
    screen.line(f"contract: {story.route}")
    for placement in story.placements:
        screen.line(f"{placement.bucket}: {clock(placement.seconds)} h", "bold")
        for reason in placement.reason:
            screen.line(f"  - {reason}")
    for part in story.considered:
        screen.table(
            f"{clock(part.seconds)} h by rate card {part.card}: {part.comes_to}",
            ("rate", "", "why"),
            [(one.rate, "wins" if one.won else "", one.because) for one in part.candidates],
        )
    for charge in story.charges:
        screen.line(f"comes to {charge.amount}", "bold")
    if story.billed_elsewhere:
        screen.line("Not billed here: it was worked before `bill_from` of tallystick.toml.")
    elif not story.billed:
        screen.line("On no invoice yet." if story.charges else "On no invoice.")
    for one in story.billed:
        screen.line(f"billed {one.amount} on {one.invoice}, line {one.position}")


def explain_invoice(
    number: Annotated[str, Parameter(help="The invoice's number.")],
    line: Annotated[int | None, Parameter(help="Only this line, from 1.")] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show what is behind an invoice, line by line.

    The facts of every line, the postings, and what became of it.
    """
    from dataclasses import replace

    from tallystick.cli.invoices import show_story
    from tallystick.errors import Stop
    from tallystick.views.explain_invoice import explain_invoice as read_story

    screen = common.screen
    with common.installation() as installation:
        story = read_story(installation.database, number)
    if line is not None:
        lines = tuple(one for one in story.lines if one.position == line)
        if not lines:
            raise Stop(
                f"Invoice {number} has no line {line}.",
                do=f"Its lines are 1 to {len(story.lines)}.",
            )
        story = replace(story, lines=lines)
    screen.result(story, lambda: show_story(screen, story, line is None))
