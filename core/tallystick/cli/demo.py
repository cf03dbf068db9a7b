"""`demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import OUTPUT, Output

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen

FILES = (
    ("tallystick.toml", "the config: connections, prices, tax; every line explained"),
    ("mappings", "which column of an export is what"),
    ("exports", "what the PSA, the RMM and the bank exported"),
    ("tallystick.db", "the database"),
    ("invoices", "the invoices, for people and as e-invoices"),
    ("books/books.beancount", "the accounts, for bean-check"),
    ("books/books.journal", "the same for hledger"),
    ("debit", "the direct debits for the bank, pain.008"),
)


def demo(
    folder: Annotated[Path, Parameter(help="A folder of its own for the sample.")] = Path(
        "tallystick-demo"
    ),
    /,
    *,
    output: Output = OUTPUT,
) -> None:
    """Set up a sample MSP and run its whole quarter.

    From exports to reconciled cash: 14 clients, 7 technicians, three months, every charge
    model, and the awkward cases on purpose. Run it again in the same folder and nothing
    changes.
    """
    from tallystick.cash.showing.overview import overview
    from tallystick.cli.cashing import cash_document, show_cash
    from tallystick.cli.invoices import show_invoices
    from tallystick.cli.names import client_names
    from tallystick.cli.profiting import document_of, show_profit
    from tallystick.demo.quarter import QUARTER, play, returned_invoices
    from tallystick.engine.installation import open_installation
    from tallystick.period import Period
    from tallystick.views.invoices import list_all
    from tallystick.views.profit import profit

    screen = output.screen
    started = monotonic()
    played = play(folder, screen, screen.say)
    with open_installation(played.config) as installation:
        whole = Period(QUARTER[0].start, QUARTER[-1].end)
        invoices, _ = list_all(installation.database)
        earned = profit(installation.database, installation.cells, whole, "contract")
        with installation.database.read() as connection:
            cash = overview(connection)
            names = client_names(connection, installation.homes)
            returned = returned_invoices(connection)
    document = {
        "folder": folder,
        "changes": played.changes,
        "invoices": invoices,
        "cash": cash_document(cash),
        "profit": document_of(earned),
    }

    def show() -> None:
        show_invoices(screen, invoices)
        screen.line("")
        show_cash(screen, cash, names)
        screen.line("")
        show_profit(screen, earned)
        screen.line("")
        screen.table(f"Written to {folder}", ("file", "what it is"), FILES)
        if played.changes:
            screen.line(f"Done in {monotonic() - started:.0f} s.", "green")
        else:
            screen.line("The quarter was complete already: nothing changed.", "green")
        _show_next(screen, folder, returned)

    screen.result(document, show)


def _show_next(screen: Screen, folder: Path, returned: list[str]) -> None:
    """Commands to copy, each for something worth seeing."""
    from tallystick.demo.awkward import ACROSS_CLOSING, LATE

    program = _program()
    screen.line("Try next:", "bold")
    if folder.resolve() != Path.cwd():
        screen.command(f"cd {shlex.quote(str(folder))}")
    steps = [
        ("status", "what is here and what waits"),
        (f"explain booking {LATE}", "entered two months late"),
        (f"explain booking {ACROSS_CLOSING}", "half of it after hours"),
        *((f"explain invoice {number}", "its debit came back") for number in returned[:1]),
        ("balance 1013", "tokens topped up by themselves"),
        ("bill holes", "what no contract prices"),
        ("profit 2026-Q3 --by client", "who earns and who costs"),
    ]
    width = max(len(words) for words, _ in steps)
    for words, why in steps:
        screen.command(f"{program} {words:<{width}}  # {why}")
    screen.line(
        "Or change a price in tallystick.toml, the 98.00 to 99.00, and see what that corrects on "
        "invoices already issued:"
    )
    screen.command(f"{program} bill propose 2026-09")
    screen.command(f"{program} bill review 2026-09")


def _program() -> str:
    """How this program is called from anywhere: by name, or by path where no PATH leads to it."""
    if shutil.which("tallystick"):
        return "tallystick"
    beside = Path(sys.executable).with_name("tallystick")
    return shlex.quote(str(beside)) if beside.exists() else f"{sys.executable} -m tallystick.cli"
