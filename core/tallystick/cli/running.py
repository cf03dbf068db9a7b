"""`run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.options import ACTING, Acting, InvoiceDate, PeriodText

if TYPE_CHECKING:
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.engine.line import RunReport


def run(period: PeriodText, /, *, on: InvoiceDate = None, acting: Acting = ACTING) -> None:
    """Run the whole line, as far as policy lets it go.

    Sync, settle, propose, approve what the standing policy allows, issue, post, collect. The
    rest waits and is reported. Running it again goes on where it stopped, and changes nothing
    when everything is done.
    """
    from tallystick.cli.names import client_names
    from tallystick.engine.line import run_line
    from tallystick.period import parse_period

    screen = acting.screen
    months = parse_period(period)
    with acting.installation() as installation:
        report = run_line(installation, months, acting.who, on or installation.today, screen)
        with installation.database.read() as connection:
            names = client_names(connection, installation.terms.homes)
    screen.result(_document(report, names), lambda: _show(screen, report, names))


def _document(report: RunReport, names: ClientNames) -> dict[str, Any]:
    """The counts, and a sentence for whatever did not go through."""
    from tallystick.cli.proposals import failures

    return {
        **report.counts(),
        "waiting": [
            {"client": one.client, "client_name": names(one.client), "why": why}
            for one, why in report.approved.left
        ],
        "failed": failures(report.proposed),
        "problems": report.posted.problems,
    }


def _show(screen: Screen, report: RunReport, names: ClientNames) -> None:
    from tallystick.cli.proposals import show_proposed
    from tallystick.cli.syncing import show_sync

    show_sync(screen, report.synced)
    show_proposed(screen, report.proposed, names)
    for proposal, why in report.approved.left:
        screen.line(f"{names(proposal.client)} waits for a person: {why}", "yellow")
    for problem in report.posted.problems:
        screen.line(problem, "red")
    counts = {name.replace("_", " "): count for name, count in report.counts().items() if count}
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    screen.line(said or "Nothing was left to do.", "bold")
    if report.approved.left:
        months = report.proposed.period
        screen.next(f"bill review {months}")
        screen.next(f"bill approve {months} --as NAME", "as a second person; then run again")
