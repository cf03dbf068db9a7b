"""`run`."""

from __future__ import annotations

from datetime import date

from tallystick.cli.billing import show_proposed
from tallystick.cli.options import ACTING, Acting
from tallystick.cli.screen import Screen
from tallystick.cli.syncing import show_sync
from tallystick.engine.line import RunReport, run_line
from tallystick.period import parse_period


def run(period: str, /, *, on: date | None = None, acting: Acting = ACTING) -> None:
    """Run the whole line for PERIOD: sync, settle, propose, issue, post, collect.

    Only what the standing policy approves goes out; the rest waits and is reported. Running
    it again goes on where it stopped, and changes nothing when everything is done.

    Parameters
    ----------
    on
        The invoice date. [default: today]
    """
    screen = acting.screen
    with acting.installation() as installation:
        report = run_line(
            installation, parse_period(period), acting.who, on or installation.today, screen
        )
    screen.result(report.counts(), lambda: _show(screen, report))


def _show(screen: Screen, report: RunReport) -> None:
    show_sync(screen, report.synced)
    show_proposed(screen, report.proposed)
    for proposal, why in report.approved.left:
        screen.line(f"{proposal.client} waits for a person: {why}", "yellow")
    for problem in report.posted.problems:
        screen.line(problem, "red")
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts().items())
    screen.line(counts, "bold")
