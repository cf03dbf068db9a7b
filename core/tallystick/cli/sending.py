"""`bill send`: invoices by e-mail, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.cycle.send import SendReport


def send(
    *,
    preview: Annotated[bool, Parameter(negative=())] = False,
    again: Annotated[
        tuple[str, ...], Parameter(metavar="NUMBER", consume_multiple=True, show_default=False)
    ] = (),
    common: Common = COMMON,
) -> None:
    """Send invoices by e-mail that were not sent yet.

    What is sent is recorded, and never sent twice by itself.

    Parameters
    ----------
    preview
        Write the letters to files and send nothing.
    again
        Send these although they were sent, or may have been.
    """
    from tallystick.engine import mailing

    screen = common.screen
    with common.installation() as installation:
        if preview:
            report, folder = mailing.preview(installation, again)
        else:
            report = mailing.send(installation, again, screen)
    document = {
        "preview": preview,
        "sent": [
            {"number": one.number, "to": one.letter.to, "subject": one.letter.subject}
            for one in report.sent
        ],
        "held": [{"number": number, "why": why} for number, why in report.held],
    }

    def show() -> None:
        _show(screen, report, "Would be sent" if preview else "Sent")
        if preview and report.sent:
            screen.line(f"To read in {folder}; nothing was sent.")

    screen.result(document, show)


def _show(screen: Screen, report: SendReport, title: str) -> None:
    if report.sent:
        rows = [(one.number, one.letter.to, one.letter.subject) for one in report.sent]
        screen.table(title, ("number", "to", "subject"), rows)
    for _, why in report.held:
        screen.line(why, "yellow")
    if not report.sent and not report.held:
        screen.line("Nothing waits to be sent.")
    elif report.sent:
        screen.line(f"{counted(len(report.sent), 'letter')}.")
