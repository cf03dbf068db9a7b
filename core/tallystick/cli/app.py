"""Every command by name. A command's module is imported only when the command runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App

from tallystick.errors import TallystickError

HERE = "tallystick.cli"

app = App(
    name="tallystick",
    help="From service work to collected, reconciled cash. Every figure explained.",
    version=lambda: __import__("importlib.metadata").metadata.version("tallystick"),
)
COMMANDS = {
    "demo": ("demo:demo", "Set up a sample MSP and run its whole quarter."),
    "init": ("start:init", "Write a commented tallystick.toml for your own tools."),
    "check": ("setup:check", "Check config, mappings and connections; list every problem."),
    "sync": ("syncing:sync", "Bring records in from every connection."),
    "status": ("syncing:status", "What is here, what waits, and what to do next."),
    "quarantine": ("syncing:quarantine", "Records set aside, why, and what to do."),
    "run": ("running:run", "The whole line for a period, as far as policy lets it go."),
    "profit": ("seeing:profit", "Revenue against effort, by contract or client."),
}
GROUPS = {
    "bill": (
        "The invoice cycle: propose, review, approve, issue, post.",
        {
            "propose": ("billing:propose", "Propose what is left to invoice."),
            "review": ("billing:review", "Show proposals with their lines and objections."),
            "approve": ("billing:approve", "Approve proposals as a second person."),
            "issue": ("billing:issue", "Give approved proposals their numbers."),
            "post": ("billing:post", "Post issued invoices to accounting."),
            "list": ("billing:list_invoices", "List invoices and what became of them."),
        },
    ),
    "cash": (
        "Collection and settlement.",
        {
            "show": ("cashing:show", "Due, collecting, paid, reopened, in suspense."),
            "collect": ("cashing:collect", "Collect open invoices by direct debit."),
            "settle": ("cashing:settle", "Settle invoices from the bank's statements."),
        },
    ),
    "explain": (
        "Why a figure is what it is.",
        {
            "booking": ("seeing:explain_booking", "Where a booking went, and why."),
            "invoice": ("seeing:explain_invoice", "What is behind an invoice, line by line."),
        },
    ),
    "mapping": ("Field mappings.", {"check": ("setup:mapping_check", "Check a mapping file.")}),
    "db": ("The database.", {"upgrade": ("setup:db_upgrade", "Bring the schema up to date.")}),
    "plugin": ("Connectors.", {"list": ("setup:plugin_list", "Show the installed connectors.")}),
}


def _register(into: App, commands: dict[str, tuple[str, str]]) -> None:
    for name, (target, summary) in commands.items():
        into.command(f"{HERE}.{target}", name=name, help=summary)


_register(app, COMMANDS)
for group, (summary, commands) in GROUPS.items():
    inner = App(name=group, help=summary)
    _register(inner, commands)
    app.command(inner)


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command. Exit 0: done, 1: it says what is wrong, 2: not a command line we know."""
    try:
        code = app(argv)
    except TallystickError as error:
        sys.exit(_said(str(error)))
    except KeyboardInterrupt:
        _said("Stopped. What was committed stays; run it again to go on.")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.exit(_said(f"{error.strerror or error}{place}. Mend that and run it again."))
    except Exception as error:  # noqa: BLE001 - nobody above could say it better
        sys.exit(_said(_unexpected(error)))
    sys.exit(code if isinstance(code, int) else 0)


def _said(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _unexpected(error: Exception) -> str:
    """A defect, or a database that failed: what it was, and how to see all of it."""
    if os.environ.get("TALLYSTICK_DEBUG"):
        raise error
    cause = getattr(error, "orig", None) or error
    first_line = next(iter(str(cause).splitlines()), "")
    return (
        f"This should not have happened: {type(cause).__name__}: {first_line}. "
        "What was committed stays. Run it again; if it comes back, report it with what "
        "TALLYSTICK_DEBUG=1 shows."
    )
