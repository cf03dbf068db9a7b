"""`cash show | collect | settle`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cash.showing.overview import CashOverview
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen


def show(*, common: Common = COMMON) -> None:
    """Show what is due, on its way, paid, back or in suspense, and how old it is.

    Days sales outstanding are what is receivable over what was billed in 90 days, times 90.
    Straight through is the share of paid invoices that no person touched. It also says whether the
    journal has the same sums.
    """
    from tallystick.cash.showing.figures import figures as read_figures
    from tallystick.cash.showing.overview import overview
    from tallystick.cli.cash_figures import figures_document, show_figures
    from tallystick.cli.names import client_names
    from tallystick.engine.collection import read_escalations

    screen = common.screen
    with common.installation() as installation:
        waiting = read_escalations(installation)
        with installation.database.read() as connection:
            found = overview(connection)
            figures = read_figures(connection, installation.today)
            names = client_names(connection, installation.homes)

    def shown() -> None:
        show_cash(screen, found, names)
        show_figures(screen, figures)
        if waiting:
            said = f"{counted(len(waiting), 'invoice')} do not go on without a person"
            screen.next("cash escalations", said)
        if any(one.name == "in review" for one in figures.piles):
            screen.next("cash review", "what money in suspense may pay")

    document = {**cash_document(found), **figures_document(figures), "escalations": waiting}
    screen.result(document, shown)


def cash_document(found: CashOverview) -> dict[str, Any]:
    """What `cash --json` prints."""
    from tallystick.cli.documents import fields_of
    from tallystick.money import Money

    return {
        "currencies": [
            {**fields_of(one), "open": one.open, "books_agree": one.ties}
            for one in found.currencies
        ],
        "reopened": found.reopened,
        "stuck": found.stuck,
        "disputed": found.disputed,
        "on_the_way": found.on_the_way,
        "suspended": [
            {
                "connection": one.movement.connection,
                "bank_transaction": one.movement.id,
                "booked_on": one.booked_on,
                "amount": Money(one.minor, one.currency),
                "counterparty": one.counterparty,
                "remittance": one.remittance,
                "rule": one.rule,
            }
            for one in found.suspended
        ],
    }


def show_cash(screen: Screen, found: CashOverview, names: ClientNames) -> None:
    from tallystick.money import Money

    if not found.currencies:
        screen.line("Nothing is invoiced yet, and nothing came in.")
        return
    piles = ("paid", "due", "collecting", "reopened", "credit", "suspense")
    screen.table(
        "Cash",
        ("", *(one.currency for one in found.currencies)),
        [
            *((pile, *(getattr(one, pile) for one in found.currencies)) for pile in piles),
            ("books agree", *(one.ties for one in found.currencies)),
        ],
    )
    for one in found.currencies:
        if not one.ties:
            said = f"{one.open} is open, but {one.receivable_booked} receivable is booked"
            screen.line(f"The books do not agree: {said}.", "red")
    for back in found.reopened:
        said = f"{back.open} is open again: {back.reason}"
        screen.line(f"{back.number} of {names(back.client)}: {said}", "yellow")
    for stuck in found.stuck:
        if stuck.link:
            said = f"waits for its payer: {stuck.link}"
            screen.line(f"{stuck.key} ({stuck.amount}) {said}", "yellow")
            continue
        screen.line(f"{stuck.key} ({stuck.amount}) is {stuck.state}: {stuck.reason}", "red")
    for dispute in found.disputed:
        due = f", to be answered by {dispute.evidence_due_on}" if dispute.evidence_due_on else ""
        said = f"{dispute.amount} is disputed since {dispute.opened_on}"
        screen.line(f"{dispute.invoice}: {said} ({dispute.reason or 'no reason'}){due}", "red")
    for transfer in found.on_the_way:
        screen.line(f"On the way: {transfer.amount} ({transfer.account})")
    for waits in found.suspended:
        screen.line(
            f"In suspense since {waits.booked_on}: {Money(waits.minor, waits.currency)} from "
            f"{waits.counterparty or 'nobody named'}, {waits.remittance!r} "
            f"({waits.rule.replace('_', ' ')})",
            "yellow",
        )


def collect(*, common: Common = COMMON) -> None:
    """Collect open posted invoices from every client with a mandate.

    What an earlier run left without an answer is cleared up first; nothing is asked for twice.
    """
    from tallystick.engine import cash as steps

    screen = common.screen
    with common.installation() as installation:
        report = steps.collect(installation, screen)
        collectors = installation.takers_of("collection")

    def shown() -> None:
        for credit, number, amount in report.set_off:
            screen.line(f"{number}: {amount} of it are paid by {credit}.")
        for number, amount in report.overpaid:
            screen.line(f"{number}: {amount} of it are paid by what the client paid too much.")
        if report.collected:
            screen.table("Collecting", ("invoice", "amount"), report.collected)
        for number, day, why in report.waiting:
            screen.line(f"{number} waits{f' until {day}' if day else ''}: {why}", "dim")
        for number, amount, reason in report.declined:
            screen.line(f"{number}: {amount} declined, {reason}", "yellow")
        for number, amount, link in report.asked_of_payer:
            screen.line(f"{number}: {amount} waits for its payer: {link or 'no page'}", "yellow")
        for number, amount, reason in report.cancelled:
            screen.line(f"{number}: {amount} was not collected. {reason}", "yellow")
        for problem in (*report.parked, *report.lost, *report.unanswered, *report.held):
            screen.line(str(problem), "red")
        if not collectors:
            screen.line(
                "No connection collects, so nothing was asked for. Add one to tallystick.toml, "
                'such as [connection.debit] with connector = "sepa".',
                "yellow",
            )
            return
        screen.line(
            f"{len(report.collected)} collected, "
            f"{counted(len(report.without_mandate), 'invoice')} of clients without a mandate, "
            f"{counted(len(report.credits), 'open credit note')}."
        )

    screen.result(report, shown)


def settle(*, common: Common = COMMON) -> None:
    """Settle invoices from the bank statements synced so far.

    What nobody can place goes to suspense; money that is returned opens its invoice again. A
    payment in another currency books what its exchange gained or lost.
    """
    from tallystick.engine import cash as steps

    screen = common.screen
    with common.installation() as installation:
        report = steps.settle(installation, screen)
        told = installation.tells_of_money()

    def shown() -> None:
        if not told:
            screen.line(
                "No connection tells of money that came, so nothing can be settled. Add one to "
                'tallystick.toml, such as [connection.bank] with connector = "bank".',
                "yellow",
            )
        if report.settled:
            screen.table("Settled", ("invoice", "amount"), report.settled)
        for number, amount in report.written_off:
            screen.line(f"{number}: {amount} left, written off as a small difference")
        for number, amount, reason in report.returned:
            screen.line(f"{number}: {amount} came back{reason and f', {reason}'}", "yellow")
        for problem in report.problems:
            screen.line(str(problem), "red")
        screen.line(
            f"{counted(report.movements, 'movement')}: {len(report.settled)} settled, "
            f"{len(report.returned)} returned, {report.suspended} to suspense, "
            f"{report.placed} placed from suspense, {report.in_review} in review."
        )

    screen.result(report, shown)
