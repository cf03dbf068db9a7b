"""`bill propose | review | approve | issue | post | list`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from tallystick.billing.proposal import Proposal
from tallystick.cli.options import ACTING, COMMON, Acting, Common
from tallystick.cli.screen import Screen
from tallystick.cycle.approve import approve as approve_proposals
from tallystick.cycle.propose import ProposeReport
from tallystick.engine import billing as steps
from tallystick.money import Money
from tallystick.period import parse_period
from tallystick.store import proposals as stored
from tallystick.views.invoices import InvoiceRow, list_all


def propose(period: str, /, *, acting: Acting = ACTING) -> None:
    """Propose what every client should still be invoiced up to the end of PERIOD (2026-09).

    Only the difference to what was billed before is proposed, so running it again, or after
    an invoice was issued, proposes nothing twice.
    """
    screen = acting.screen
    with acting.installation() as installation:
        report = steps.propose(installation, parse_period(period), acting.who, screen)
    screen.result(report, lambda: show_proposed(screen, report))


def show_proposed(screen: Screen, report: ProposeReport) -> None:
    """The clients with a proposal, then those held up, then the count of the rest."""
    new = {id(one) for one in report.proposed}
    every = sorted([*report.proposed, *report.unchanged], key=lambda one: one.client)
    if every:
        screen.table(
            f"Proposed for {report.period}",
            ("client", "kind", "lines", "net", "tax", "gross", "", "objections"),
            [
                (
                    one.client,
                    one.kind.replace("_", " "),
                    len(one.lines),
                    one.net,
                    one.tax,
                    one.gross,
                    "new" if id(one) in new else "as before",
                    [f"{o.severity}: {o.what}" for o in one.objections],
                )
                for one in every
            ],
        )
    for client, error in report.failed.items():
        screen.line(f"{client}: not proposed. {error}", "red")
    if report.held:
        screen.line(
            f"{len(report.held)} bookings are held; `tallystick explain booking ID` says why.",
            "yellow",
        )
    screen.line(
        f"{len(report.proposed)} new, {len(report.unchanged)} as before, "
        f"{len(report.failed)} failed, {len(report.nothing)} clients with nothing to bill."
    )


def review(period: str, client: str | None = None, /, *, common: Common = COMMON) -> None:
    """Show the open proposals of PERIOD line by line, of all clients or one CLIENT."""
    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        rows = stored.in_period(connection, parse_period(period), stored.OPEN)
    found = [stored.body_of(row) for row in rows if client in (None, row.client)]

    def show() -> None:
        for one in found:
            _show_proposal(screen, one)

    screen.result(found, show)


def _show_proposal(screen: Screen, one: Proposal) -> None:
    screen.table(
        f"{one.client}  {one.period}  {one.kind.replace('_', ' ')}  gross {one.gross}",
        ("contract", "text", "quantity", "unit", "price", "net", "corrects"),
        [
            (
                line.contract,
                line.text,
                line.quantity,
                line.unit,
                line.unit_price,
                line.net,
                list(line.corrects),
            )
            for line in one.lines
        ],
    )
    for objection in one.objections:
        style = "red" if objection.severity == "hold" else "yellow"
        screen.line(f"{objection.severity}: {objection.what} {objection.do}", style)


def approve(
    period: str,
    clients: tuple[str, ...] = (),
    /,
    *,
    accept: Annotated[str | None, Parameter(name="--accept")] = None,
    acting: Acting = ACTING,
) -> None:
    """Approve the proposals of PERIOD, of all clients or the CLIENTS named.

    Whoever prepared a proposal cannot approve it; give --as for the second person.

    Parameters
    ----------
    accept
        Why proposals with a hold may go out all the same.
    """
    screen = acting.screen
    with acting.installation() as installation:
        report = approve_proposals(
            installation.database,
            parse_period(period),
            acting.who,
            accept,
            frozenset(clients),
            installation.now,
        )

    def show() -> None:
        for one, why in report.left:
            screen.line(f"{one.client}: not approved. {why}", "yellow")
        screen.line(f"{len(report.approved)} proposals approved by {acting.who}.")

    screen.result(report, show)


def issue(period: str, /, *, on: date | None = None, common: Common = COMMON) -> None:
    """Issue the approved proposals of PERIOD: numbers, journal entries, documents.

    Parameters
    ----------
    on
        The invoice date. [default: today]
    """
    screen = common.screen
    with common.installation() as installation:
        report = steps.issue(installation, parse_period(period), on or installation.today, screen)

    def show() -> None:
        if report.issued:
            screen.table(
                "Issued",
                ("number", "client", "gross"),
                [(number, one.client, one.gross) for number, one in report.issued],
            )
        for one in report.lapsed:
            screen.line(f"{one.client}: the approval lapsed; propose and approve again.", "yellow")
        screen.line(f"{len(report.issued)} invoices issued.")

    screen.result(report, show)


def post(*, common: Common = COMMON) -> None:
    """Post issued invoices, payments and entries to the accounting connection, and read back.

    A total that differs there from ours holds the invoice.
    """
    screen = common.screen
    with common.installation() as installation:
        report = steps.post(installation, screen)

    def show() -> None:
        for problem in report.problems:
            screen.line(problem, "red")
        screen.line(
            f"{report.invoices} invoices, {report.entries} entries and "
            f"{report.payments} payments posted."
        )

    screen.result(report, show)


def list_invoices(*, common: Common = COMMON) -> None:
    """List every invoice and credit note with its state."""
    screen = common.screen
    with common.installation() as installation:
        found = list_all(installation.database)
    screen.result(found, lambda: show_invoices(screen, found))


def show_invoices(screen: Screen, found: list[InvoiceRow]) -> None:
    screen.table(
        "Invoices",
        ("number", "client", "for", "due", "gross", "open", "state"),
        [
            (
                one.number,
                one.client,
                one.period,
                one.due_on,
                one.gross,
                one.gross - one.settled,
                one.state.replace("_", " "),
            )
            for one in found
        ],
    )
    sums: dict[str, Money] = {}
    for one in found:
        currency = one.gross.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + one.gross
    screen.line(f"{len(found)} documents, {', '.join(str(one) for one in sums.values()) or 'none'}")
