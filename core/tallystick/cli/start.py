"""`init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import OUTPUT, Output

if TYPE_CHECKING:
    from tallystick.config.exports import Exports


def init(
    folder: Annotated[Path, Parameter(help="Where your exports are.")] = Path(),
    /,
    *,
    name: Annotated[str | None, Parameter(metavar="TEXT")] = None,
    country: Annotated[str | None, Parameter(metavar="XX")] = None,
    zone: Annotated[str | None, Parameter(metavar="AREA/CITY")] = None,
    currency: Annotated[str | None, Parameter(metavar="XXX")] = None,
    tax_percent: Annotated[str | None, Parameter(metavar="NUMBER")] = None,
    hourly: Annotated[str | None, Parameter(metavar="AMOUNT")] = None,
    output: Output = OUTPUT,
) -> None:
    """Write a commented tallystick.toml for your own tools.

    And a mapping guessed from the CSV, XLSX and JSONL exports in FOLDER. Asks for what the
    flags do not say. Nothing that exists is overwritten.

    Parameters
    ----------
    name
        Your company's name.
    country
        Its country, such as DE.
    zone
        Time zone that decides which day work belongs to, such as Europe/Berlin.
    currency
        Currency you invoice in, such as EUR.
    tax_percent
        Standard tax rate in percent, 0 if you charge none.
    hourly
        Price of an hour billed by time; empty ("") if there is none.
    """
    from tallystick.config.exports import find_exports
    from tallystick.config.init import QUESTIONS
    from tallystick.config.init import init as write_config
    from tallystick.engine.installation import wall_clock
    from tallystick.plugins import Plugins

    screen = output.screen
    flags = (name, country, zone, currency, tax_percent, hourly)
    given = {
        question.key: value
        for question, value in zip(QUESTIONS, flags, strict=True)
        if value is not None
    }
    exports = find_exports(folder, Plugins().connector("files"), wall_clock)
    written = write_config(folder, _ask, exports, given)
    document = {
        "written": written,
        "exports": exports.files,
        "unused": exports.unused,
        "unread": exports.unread,
    }

    def show() -> None:
        for kind, file in exports.files.items():
            screen.line(f"{file}: read as {kind}")
        for line in _left_out(exports):
            screen.line(line, "yellow")
        for path in written:
            screen.line(f"Written: {path}", "green")
        if not exports.files:
            screen.line(
                "There are no exports in this folder, so no connection is set up yet. Put your "
                f"exports here, remove {written[0]} and run init again; or connect a tool by its "
                "API:",
                "yellow",
            )
            screen.command("tallystick plugin list")
            screen.command("tallystick plugin show NAME  # what to write for it")
        here = folder.resolve() == Path.cwd()
        where = "" if here else f" --config {written[0]}"
        screen.line("Look through it, then ask what it still needs:")
        screen.command(f"tallystick check{where}")

    screen.result(document, show)


def _left_out(exports: Exports) -> list[str]:
    return [
        *(f"{name}: no record kind has such a name, so it is left out." for name in exports.unused),
        *map(str, exports.unread),
    ]


def _ask(question: str, default: str) -> str:
    """Ask on the terminal; the question goes to stderr, so that stdout stays the result's."""
    from tallystick.errors import Stop

    shown = f"{question} [{default}]: " if default else f"{question}: "
    sys.stderr.write(shown)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
        raise Stop(
            f"Nobody answered the question {question.splitlines()[-1]!r}.",
            do="Answer it on a terminal, or give the flag for it (`tallystick init --help`).",
        )
    return answer.strip() or default
