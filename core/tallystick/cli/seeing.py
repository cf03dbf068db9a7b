"""`explain booking`, `explain invoice`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.explain_booking import BookingStory


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
            ("rate", "why"),
            [(one.rate, one.because) for one in part.candidates],
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
