"""`cash show | collect | settle`."""

from __future__ import annotations

from tallystick.cash.overview import CashOverview
from tallystick.cli.options import COMMON, Common
from tallystick.cli.screen import Screen
from tallystick.engine import cash as steps
from tallystick.money import Money


def show(*, common: Common = COMMON) -> None:
    """Show what is due, being collected, paid, back or in suspense, and if the books agree."""
    screen = common.screen
    with common.installation() as installation:
        found = steps.overview(installation)
    screen.result(found, lambda: show_cash(screen, found))


def show_cash(screen: Screen, found: CashOverview) -> None:
    screen.table(
        "Cash",
        ("currency", "paid", "due", "collecting", "reopened", "credit", "suspense", "books agree"),
        [
            (
                one.currency,
                one.paid,
                one.due,
                one.collecting,
                one.reopened,
                one.credit,
                one.suspense,
                "yes" if one.ties else f"NO: {one.receivable_booked} receivable booked",
            )
            for one in found.currencies
        ],
    )
    for back in found.reopened:
        screen.line(f"{back.number} of {back.client} is open again: {back.reason}", "yellow")
    for stuck in found.stuck:
        screen.line(f"{stuck.key} ({stuck.amount}) is {stuck.state}: {stuck.reason}", "red")
    for one in found.suspended:
        screen.line(
            f"in suspense since {one.booked_on}: {Money(one.minor, one.currency)} from "
            f"{one.counterparty or 'nobody named'}, {one.remittance!r} ({one.rule})",
            "yellow",
        )


def collect(*, common: Common = COMMON) -> None:
    """Collect what posted invoices leave open from every client with a mandate.

    What an earlier run left without an answer is cleared up first; nothing is asked for twice.
    """
    screen = common.screen
    with common.installation() as installation:
        report = steps.collect(installation, screen)

    def shown() -> None:
        if report.collected:
            screen.table("Collecting", ("invoice", "amount"), report.collected)
        for number, amount, reason in report.declined:
            screen.line(f"{number}: {amount} declined, {reason}", "yellow")
        for problem in (*report.parked, *report.unanswered, *report.held):
            screen.line(str(problem), "red")
        screen.line(
            f"{len(report.collected)} collected, {len(report.without_mandate)} invoices of "
            f"clients without a mandate, {len(report.credits)} open credit notes."
        )

    screen.result(report, shown)


def settle(*, common: Common = COMMON) -> None:
    """Settle invoices from the bank statements synced so far.

    What nobody can place goes to suspense; a returned debit opens its invoice again.
    """
    screen = common.screen
    with common.installation() as installation:
        report = steps.settle(installation, screen)

    def shown() -> None:
        if report.settled:
            screen.table("Settled", ("invoice", "amount"), report.settled)
        for number, amount, reason in report.returned:
            screen.line(f"{number}: {amount} came back, {reason}", "yellow")
        for problem in report.problems:
            screen.line(str(problem), "red")
        screen.line(
            f"{report.movements} movements: {len(report.settled)} settled, "
            f"{len(report.returned)} returned, {report.suspended} to suspense, "
            f"{report.placed} placed from suspense."
        )

    screen.result(report, shown)
