"""`run` and `bill run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.options import ACTING, Acting, InvoiceDate, PeriodText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.cli.names import ClientNames
    from tallystick.cli.proposals import Proposed
    from tallystick.cli.screen import Screen
    from tallystick.engine.bill_run import BillReport


def run(period: PeriodText, /, *, on: InvoiceDate = None, acting: Acting = ACTING) -> None:
    """Run the whole line, as far as policy lets it go.

    Sync, settle, propose, approve what the standing policy allows, issue, post, collect. The
    rest waits and is reported. Running it again goes on where it stopped, and changes nothing
    when everything is done.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import Proposed
    from tallystick.cli.syncing import show_sync
    from tallystick.engine.line import run_line
    from tallystick.period import parse_period

    screen = acting.screen
    months = parse_period(period)
    made = Proposed()
    with acting.installation() as installation:
        day = on or installation.today
        report = run_line(installation, months, acting.who, day, screen, made)
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)

    def show() -> None:
        show_sync(screen, report.synced)
        _show(screen, report.billed, made, names, report.counts())

    screen.result(_document(report.billed, names, report.counts()), show)


def bill_run(period: PeriodText, /, *, on: InvoiceDate = None, acting: Acting = ACTING) -> int:
    """Propose, review, approve under the policy, issue and post.

    Bills from what is synced. Each client ends billed, with nothing due, held with the reason, or
    failed; exit code 1 when one failed. Running it again goes on where it stopped.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import Proposed
    from tallystick.engine.bill_run import bill_run as run_it
    from tallystick.period import parse_period

    screen = acting.screen
    months = parse_period(period)
    made = Proposed()
    with acting.installation() as installation:
        day = on or installation.today
        report = run_it(installation, months, acting.who, day, screen, made)
        installation.plugins.tell(
            "tallystick_run_finished", command=f"bill run {months}", report=report.counts()
        )
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
    screen.result(
        _document(report, names, report.counts()),
        lambda: _show(screen, report, made, names, report.counts()),
    )
    return int(report.failed)


def _document(report: BillReport, names: ClientNames, counts: Mapping[str, int]) -> dict[str, Any]:
    """The counts, and a sentence for whatever did not go through."""
    from tallystick.cli.proposals import failures, summary

    return {
        **counts,
        "skipped": report.proposed.skipped,
        "gross": list(report.proposed.gross.values()),
        "billed": [
            {"number": number, **summary(one, names)} for number, one in report.issued.issued
        ],
        "waiting": [
            {
                "client": one.client,
                "client_name": names(one.client),
                "group": one.group,
                "why": why,
            }
            for one, why in report.approved.left
        ],
        "quiet": [
            {"client": client, "client_name": names(client), "why": why}
            for client, why in report.proposed.quiet.items()
        ],
        "failed": failures(report.proposed),
        "missing": report.missing,
        "notes": report.proposed.notes,
        "problems": report.problems,
    }


def _show(
    screen: Screen,
    report: BillReport,
    made: Proposed,
    names: ClientNames,
    counts: Mapping[str, int],
) -> None:
    from tallystick.cli.proposals import show_proposed

    show_proposed(screen, report.proposed, made, names)
    for proposal, why in report.approved.left:
        screen.line(f"{names(proposal.client)} waits for a person: {why}", "yellow")
    for one in report.issued.lapsed:
        screen.line(f"{names(one.client)}: the approval lapsed; run it again.", "red")
    for client in report.missing:
        screen.line(f"{names(client)} came in during the run; run it again.", "red")
    for problem in report.problems:
        screen.line(problem, "red")
    said = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count
    )
    screen.line(said or "Nothing was left to do.", "bold")
    if report.approved.left:
        months = report.proposed.period
        screen.next(f"bill review {months}")
        screen.next(f"bill approve {months} --as NAME", "as a second person; then run again")
