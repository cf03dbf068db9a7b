"""Invoices as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tallystick.cli.wording import counted
from tallystick.money import Money

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.explain_invoice import InvoiceStory, LineStory
    from tallystick.views.invoices import InvoiceRow


def show_invoices(screen: Screen, found: Sequence[InvoiceRow]) -> None:
    """Every document with its state, and the sum per currency."""
    if not found:
        screen.line("Nothing is invoiced yet. `tallystick bill propose 2026-09` proposes a month.")
        return
    screen.table(
        "Invoices",
        ("number", "client", "for", "gross", "state"),
        [(one.number, one.client, one.period, one.gross, _state(one)) for one in found],
    )
    sums: dict[str, Money] = {}
    for one in found:
        currency = one.gross.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + one.gross
    screen.line(f"{counted(len(found), 'document')}, {' and '.join(map(str, sums.values()))}")


def _state(one: InvoiceRow) -> str:
    """Its state; of one that is not settled, what is open and since or until when."""
    state = one.state.replace("_", " ")
    still_open = one.gross - one.settled
    if not still_open:
        return state
    rest = f", {still_open} open" if one.settled else ""
    return f"{state}{rest}, due {one.due_on}"


def show_story(screen: Screen, story: InvoiceStory, whole: bool) -> None:
    """What is behind an invoice's lines; of the `whole` invoice also its postings and events."""
    from tallystick.cash.policy.reasons import told

    kind = story.kind.replace("_", " ").capitalize()
    screen.line(f"{kind} {story.number} to {story.client}: {story.gross}, {story.state}", "bold")
    screen.line(f"issued {story.issued_on}, due {story.due_on}, settled {story.settled}")
    screen.line("")
    for line in story.lines:
        _show_line(screen, line)
    if not whole:
        return
    screen.table(
        "Journal",
        ("account", "amount", "service month"),
        [(one.account, one.amount, one.service_month) for one in story.postings],
    )
    if story.events:
        screen.table(
            "What became of it",
            ("what", "state", "detail"),
            [
                (one.what, one.state.replace("_", " "), told(one.detail) if one.detail else "")
                for one in story.events
            ],
        )


def _show_line(screen: Screen, line: LineStory) -> None:
    """A line's charges; the reasons they all share are said once, above."""
    from tallystick.billing.documents.speech import speech

    english = speech("en")
    title = f"Line {line.position}: {line.text} = {line.net} (tax: {line.tax_category})"
    if line.corrects:
        title += f", corrects {', '.join(line.corrects)}"
    screen.line(title, "bold")
    shared: list[str] = []
    if len(line.charges) > 1:
        first, *others = line.charges
        shared = [why for why in first.reason if all(why in one.reason for one in others)]
    for why in shared:
        screen.line(f"  all: {why}")
    screen.table(
        "",
        ("what", "quantity", "amount", "because"),
        [
            (
                one.basis,
                english.quantity(Decimal(one.quantity), one.unit),
                one.amount,
                [why for why in one.reason if why not in shared],
            )
            for one in line.charges
        ],
    )
