"""`init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common
from tallystick.config.exports import Exports, find_exports
from tallystick.config.init import QUESTIONS
from tallystick.config.init import init as write_config
from tallystick.engine.installation import wall_clock
from tallystick.errors import Stop
from tallystick.plugins import Plugins


def init(
    folder: Path = Path(),
    /,
    *,
    name: str | None = None,
    country: str | None = None,
    zone: str | None = None,
    currency: str | None = None,
    tax_percent: str | None = None,
    hourly: str | None = None,
    common: Annotated[Common, Parameter()] = COMMON,
) -> None:
    """Write a commented tallystick.toml into FOLDER, and a mapping guessed from the exports there.

    Asks for what the flags do not say. Nothing that exists is overwritten.

    Parameters
    ----------
    name
        Your company's name.
    country
        Its country, two letters.
    zone
        Time zone that decides which day work belongs to.
    currency
        Currency you invoice in.
    tax_percent
        Standard tax rate in percent.
    hourly
        Price of an hour billed by time.
    """
    screen = common.screen
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
        screen.line(f"Now look through it, then: tallystick check --config {written[0]}")

    screen.result(document, show)


def _left_out(exports: Exports) -> list[str]:
    return [
        *(f"{name}: no record kind has such a name, so it is left out." for name in exports.unused),
        *map(str, exports.unread),
    ]


def _ask(question: str, default: str) -> str:
    """Ask on the terminal; the question goes to stderr, so that stdout stays the result's."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    sys.stderr.write(shown)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise Stop(
            f"Nobody answered the question {question!r}.",
            do="Answer it on a terminal, or give the flag for it (`tallystick init --help`).",
        )
    return answer.strip() or default
