"""`cash dunning`: reminders of what is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cash.telling.overdue import DunningReport
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen


def dunning(
    *,
    preview: Annotated[bool, Parameter(negative=())] = False,
    send: Annotated[bool, Parameter(negative=())] = False,
    common: Common = COMMON,
) -> None:
    """Show which reminders are due, or send them.

    Each step of [[dunning]] goes out once per invoice, and none while it is paid, held, disputed,
    being collected or paid in instalments.

    Parameters
    ----------
    preview
        Write the letters to files and send nothing.
    send
        Send them, if it is a time for letters.
    """
    from tallystick.cli.names import client_names
    from tallystick.engine import dunning as steps
    from tallystick.errors import Stop

    if preview and send:
        raise Stop("Letters are written to files or sent, not both.", do="Choose one of the two.")
    screen, folder = common.screen, None
    with common.installation() as installation:
        if send:
            report = steps.send(installation, screen)
        elif preview:
            report, folder = steps.preview(installation)
        else:
            report = steps.due(installation)
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)

    def show() -> None:
        _show(screen, report, names, "Sent" if send else "Due")
        if folder is not None and report.letters:
            screen.line(f"To read in {folder}; nothing was sent.")

    screen.result(_document(report, sent=send), show)


def _document(report: DunningReport, *, sent: bool) -> dict[str, Any]:
    return {
        "sent": sent and not report.quiet,
        "letters": [
            {
                "client": one.client,
                "to": one.letter.to,
                "subject": one.letter.subject,
                "steps": dict(one.steps),
                "amount": one.amount,
                "fee": one.fee,
                "interest": one.interest,
            }
            for one in report.letters
        ],
        "spared": [{"number": number, "why": why} for number, why in report.spared],
        "held": [{"client": client, "why": why} for client, why in report.held],
    }


def _show(screen: Screen, report: DunningReport, names: ClientNames, title: str) -> None:
    if report.letters:
        columns = ("client", "to", "invoices and steps", "open", "fee", "interest")
        rows = [
            (
                names(one.client),
                one.letter.to,
                ", ".join(f"{number} ({step})" for number, step in one.steps.items()),
                *(one.amount, one.fee, one.interest),
            )
            for one in report.letters
        ]
        screen.table(title, columns, rows)
    for number, why in report.spared:
        screen.line(f"{number} is not dunned: {why}", "dim")
    for _, why in report.held:
        screen.line(why, "yellow")
    if report.quiet:
        screen.line("It is no time for letters; [collection] says when.", "yellow")
    screen.line(f"{counted(len(report.letters), 'letter')}.")
