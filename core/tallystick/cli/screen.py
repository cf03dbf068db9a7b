"""The screen: results go to stdout, progress and messages to stderr.

With `--json` a command prints one document instead (see `documents`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from rich.console import Console
from rich.text import Text

from tallystick.cli.documents import plain
from tallystick.cli.layout import fit

PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program."""
SHOWN = 100
"""So many rows of a list people read; laying out thousands takes longer than finding them."""
LONG_STEP_S = 2.0
"""A step this long is worth a line where nobody watches a terminal."""


class Screen:
    """Where one command shows what it did."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._piped = not sys.stdout.isatty()
        self._out = Console(highlight=False, width=PIPED_WIDTH if self._piped else None)
        self._err = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

    def say(self, message: str) -> None:
        """A message for the person watching; never part of the result."""
        self._err.print(Text(message))

    def result(self, document: Any, show: Callable[[], None]) -> None:
        """The result: `document` as JSON with --json, else whatever `show` prints."""
        if self.as_json:
            print(json.dumps(plain(document), ensure_ascii=False, indent=2))
        else:
            show()

    def line(self, text: str, style: str = "") -> None:
        """A sentence; on a terminal it breaks between words."""
        self._out.print(Text(text, style=style), soft_wrap=self._piped)

    def page(self, text: str) -> None:
        """A text that is laid out already, such as a page of a manual."""
        self._out.print(Text(text.rstrip()), soft_wrap=True)

    def command(self, text: str) -> None:
        """A command to copy: never broken."""
        self._out.print(Text(f"  {text}"), soft_wrap=True)

    def next(self, command: str, why: str = "") -> None:
        """The command that comes next, whole to copy."""
        comment = f"  # {why}" if why else ""
        self._out.print(Text(f"Next: tallystick {command}{comment}"), soft_wrap=True)

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        spare: Collection[str] = (),
    ) -> None:
        """A table; amounts and numbers on the right, None as a dash. Columns that are `spare` are
        left out on a screen too narrow for them."""
        self._out.print(fit(title, columns, list(rows), self._out.width, spare))

    def rest(self, rows: Sequence[object]) -> None:
        """Say how many of a list's `rows` are not among the first that were shown."""
        if left := len(rows[SHOWN:]):
            self.line(f"The first {SHOWN} are shown, {left:,} more in --json.")

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[int], None]]:
        """A long step: a line with a count while it runs, gone when it is done. Without a
        terminal only a step that took long leaves a line."""
        if not self._err.is_terminal:
            started, done = monotonic(), [0]
            yield lambda more: done.append(done.pop() + more)
            if (seconds := monotonic() - started) >= LONG_STEP_S and not self.as_json:
                self.say(f"{what}: {done[0]:,} in {seconds:.0f} s")
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.completed:,.0f}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._err, transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda more: progress.advance(task, more)
