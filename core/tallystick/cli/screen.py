"""The screen: results go to stdout, progress and messages to stderr.

With `--json` a command prints one document: snake_case keys, money as
`{"amount": "123.45", "currency": "EUR"}`, ISO dates.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict as struct_dict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tallystick.money import Money
from tallystick.period import Period

RIGHT = (Money, int, Decimal)
WHOLE = (*RIGHT, date)
PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program."""


class Screen:
    """Where one command shows what it did."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        piped = None if sys.stdout.isatty() else PIPED_WIDTH
        self._out = Console(highlight=False, width=piped, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False)

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
        self._out.print(Text(text, style=style))

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table; amounts and numbers on the right, None as a dash."""
        found = list(rows)
        table = Table(
            title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
        )
        for index, name in enumerate(columns):
            values = [row[index] for row in found]
            right = any(isinstance(value, RIGHT) for value in values)
            whole = any(isinstance(value, WHOLE) for value in values) or index == 0
            justify: Literal["left", "right"] = "right" if right else "left"
            table.add_column(name, justify=justify, no_wrap=whole, overflow="fold")
        for row in found:
            table.add_row(*(Text(shown(value)) for value in row))
        self._out.print(table)

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[int], None]]:
        """A long step with a count beside it, gone when it is quick and done."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:,.0f}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._err, transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda more: progress.advance(task, more)


def shown(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple | list) and not isinstance(value, Period):
        return "\n".join(shown(one) for one in value)
    return str(value)


def plain(value: Any) -> Any:
    """A result as JSON values."""
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, Period):
        return {"start": value.start.isoformat(), "end": value.end.isoformat()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Struct):
        return plain(struct_dict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, Exception):
        return str(value)
    return value
