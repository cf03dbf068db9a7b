"""`bill propose | review | approve | issue | post | list`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common, InvoiceDate, PeriodText
from tallystick.cli.wording import counted


def propose(period: PeriodText, /, *, acting: Acting = ACTING) -> None:
    """Propose what every client should still be invoiced.

    It counts up to the end of PERIOD. Only the difference to what was billed before is
    proposed, so running it again, or after an invoice was issued, proposes nothing twice.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import Proposed, proposed_document, show_proposed
    from tallystick.engine import billing as steps
    from tallystick.period import parse_period

    screen = acting.screen
    months = parse_period(period)
    made = Proposed()
    with acting.installation() as installation:
        report = steps.propose(installation, months, acting.who, screen, made)
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)

    def show() -> None:
        show_proposed(screen, report, made, names)
        if report.proposed or report.unchanged:
            screen.next(f"bill review {months}", "shows them line by line")
        elif not (report.nothing or report.failed):
            screen.line("No client is known yet: `tallystick sync` brings them in.", "yellow")

    screen.result(proposed_document(report, made, names), show)


def review(
    period: PeriodText,
    client: Annotated[str | None, Parameter(help="A client's id or name.")] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show open proposals line by line, with their objections.

    Those of exactly PERIOD: of all clients, or of one CLIENT.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import full, show_proposal, total_of
    from tallystick.period import parse_period
    from tallystick.store.billing import proposals as stored

    screen = common.screen
    months = parse_period(period)
    with common.installation() as installation, installation.database.read() as connection:
        names = client_names(connection, installation.homes)
        rows = stored.whole_in_period(connection, months, stored.OPEN)
    only = names.find(client) if client else None
    found = [(row, stored.body_of(row)) for row in rows if only in (None, row.client)]

    def show() -> None:
        for row, one in found:
            show_proposal(screen, one, row.id, names)
        waiting = [one for row, one in found if row.state == "proposed"]
        if waiting:
            screen.line(f"{counted(len(waiting), 'proposal')}, {total_of(waiting)} gross.")
            screen.next(f"bill approve {months} --as NAME", "as a second person")
        elif found:
            screen.line("All are approved.")
            screen.next(f"bill issue {months}")
        else:
            screen.line(
                f"No proposal is open for {months}. `tallystick bill propose {months}` "
                "proposes what is left to bill."
            )

    document = [{**full(one, names), "id": row.id, "state": row.state} for row, one in found]
    screen.result(document, show)


def approve(
    period: PeriodText,
    clients: Annotated[
        tuple[str, ...],
        Parameter(help="Ids or names; all clients without any.", show_default=False),
    ] = (),
    /,
    *,
    accept: Annotated[str | None, Parameter(name="--accept", metavar="REASON")] = None,
    acting: Acting = ACTING,
) -> None:
    """Approve proposals as a second person.

    Whoever prepared a proposal cannot approve it; give --as for the second person. An
    approval is for what was proposed then, and lasts 24 hours.

    Parameters
    ----------
    accept
        Why proposals with a hold may go out all the same.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import summary, total_of
    from tallystick.cycle.approve import approve as approve_proposals
    from tallystick.period import parse_period

    screen = acting.screen
    months = parse_period(period)
    with acting.installation() as installation:
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
        only = frozenset(map(names.find, clients))
        report = approve_proposals(
            installation.database,
            months,
            acting.who,
            accept,
            only,
            installation.now,
            installation.terms.policy.sole_operator,
        )
    document = {
        "approved": [
            {**summary(one, names), "alone": one.id in report.alone} for one in report.approved
        ],
        "left": [{**summary(one, names), "why": why} for one, why in report.left],
    }

    def show() -> None:
        for one, why in report.left:
            screen.line(f"{names(one.client)}: not approved. {why}", "yellow")
        if report.approved:
            screen.line(
                f"{counted(len(report.approved), 'proposal')} approved by {acting.who}, "
                f"{total_of(report.approved)} gross."
            )
            if report.alone:
                alone = f"{len(report.alone)} of them by whoever prepared them; that is recorded."
                screen.line(alone, "yellow")
            screen.next(f"bill issue {months}")
        elif not report.left:
            screen.line(f"No proposal of {months} waits for an approval.")

    screen.result(document, show)


def issue(period: PeriodText, /, *, on: InvoiceDate = None, common: Common = COMMON) -> None:
    """Issue approved proposals: numbers, journal entries, documents.

    Those of exactly PERIOD. A proposal that changed after its approval stays behind.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import summary
    from tallystick.engine import billing as steps
    from tallystick.period import parse_period

    screen = common.screen
    months = parse_period(period)
    with common.installation() as installation:
        report = steps.issue(installation, months, on or installation.today, screen)
        folder = installation.root / steps.INVOICES
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
    document = {
        "issued": [{"number": number, **summary(one, names)} for number, one in report.issued],
        "lapsed": [summary(one, names) for one in report.lapsed],
        "unwritten": report.unwritten,
    }

    def show() -> None:
        if report.issued:
            screen.table(
                "Issued",
                ("number", "client", "gross"),
                [(number, names(one.client), one.gross) for number, one in report.issued],
            )
        for one in report.lapsed:
            said = "the approval lapsed; propose and approve it again."
            screen.line(f"{names(one.client)}: {said}", "yellow")
        for refused in report.unwritten:
            screen.line(refused, "yellow")
        if report.issued:
            screen.line(f"{counted(len(report.issued), 'invoice')} issued, to read in {folder}.")
            screen.next("bill post")
        else:
            screen.line(f"No approved proposal of {months} waits to be issued.")

    screen.result(document, show)


def post(*, common: Common = COMMON) -> None:
    """Post invoices, payments and entries to accounting, and read back.

    A total that differs there from ours holds the invoice.
    """
    from tallystick.engine import billing as steps

    screen = common.screen
    with common.installation() as installation:
        report = steps.post(installation, screen)
        takers = installation.takers_of("invoice")

    def show() -> None:
        for problem in report.problems:
            screen.line(problem, "red")
        if not takers:
            screen.line(
                "No connection takes invoices, so nothing was posted. Add one to tallystick.toml, "
                'such as [connection.books] with connector = "journal".',
                "yellow",
            )
            return
        screen.line(
            f"{counted(report.invoices, 'invoice')}, "
            f"{counted(report.entries, 'entry', 'entries')} and "
            f"{counted(report.payments, 'payment')} posted to {', '.join(takers)}."
        )

    screen.result(report, show)


def list_invoices(*, common: Common = COMMON) -> None:
    """List invoices and credit notes, and what became of them."""
    from tallystick.cli.invoices import show_invoices
    from tallystick.cli.screen import SHOWN
    from tallystick.views.invoices import list_all

    screen = common.screen
    with common.installation() as installation:
        found, earlier = list_all(installation.database, None if screen.as_json else SHOWN)

    def shown() -> None:
        show_invoices(screen, found)
        if earlier:
            screen.line(f"The last {len(found)} are shown, {earlier:,} earlier ones in --json.")

    screen.result(found, shown)
