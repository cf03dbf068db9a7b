"""Tables that fit the screen: texts give way to amounts, and a table too wide becomes blocks.

wide enough                          not even with its texts folded
place             what               place  row 17 of bookings.csv
row 17 of book-   'n/a' is not       what   'n/a' is not an amount.
ings.csv          an amount.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tallystick.money import Money
from tallystick.period import Period

NUMBERS = (Money, int, Decimal)
GAP = 2
LEAST = 16
"""The columns a text keeps when it gives way ..."""
ALONE = 12
"""... and when it is the only text of the table."""
WORD = 24
"""A text without spaces up to this long is a name or a number and stays in one piece."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column's name and cells as shown, and how it may be laid out."""

    name: str
    cells: tuple[str, ...]
    right: bool
    folds: bool

    @property
    def natural(self) -> int:
        return max(map(widest, (self.name, *self.cells)))

    def least(self, text: int) -> int:
        """The columns it needs: `text` where it folds, else its cells and each word of its name."""
        if self.folds:
            return min(self.natural, text)
        return max(map(widest, (*self.name.split(), *self.cells)), default=0)


def fit(
    title: str,
    names: Sequence[str],
    rows: Sequence[Sequence[object]],
    width: int,
    spare: Collection[str] = (),
) -> Group:
    """The table under its title, at most `width` wide if that can be; columns that are `spare` are
    left out where it can only be without them.

    Amounts all in one currency are shown without it, and the title, if there is one, names it.
    """
    found = {cell.currency for row in rows for cell in row if isinstance(cell, Money)}
    currency = found.pop() if title and len(found) == 1 else ""
    columns = [
        _column(name, [row[index] for row in rows], currency) for index, name in enumerate(names)
    ]
    named = currency and currency not in (*title.split(), *names)
    heading = Text(f"{title}, in {currency}" if named else title, style="bold")
    widths = _widths(columns, width)
    if not widths and spare:
        columns = [column for column in columns if column.name not in spare]
        widths = _widths(columns, width)
    body = _table(columns, widths) if widths else _blocks(columns)
    return Group(heading, body, Text()) if title else Group(body, Text())


def _column(name: str, values: Sequence[object], currency: str) -> Column:
    cells = tuple(shown(value, currency) for value in values)
    right = any(isinstance(value, NUMBERS) for value in values) or _figures(cells)
    dates = any(isinstance(value, date) for value in values)
    folds = any(" " in cell or widest(cell) > WORD for cell in cells)
    return Column(name, cells, right, folds and not right and not dates)


def _figures(cells: Sequence[str]) -> bool:
    """Whether all that is told are figures, such as `7:30` or `95.00`."""
    told = [cell for cell in cells if cell not in ("", "-")]
    return bool(told) and all(re.fullmatch(r"-?[\d.,:]+", cell) for cell in told)


def shown(value: object, currency: str = "") -> str:
    """A value as people read it; an amount of `currency` without naming it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Money):
        return f"{value.amount:,}" if value.currency == currency else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, tuple | list) and not isinstance(value, Period):
        return "\n".join(shown(one, currency) for one in value)
    return str(value)


def widest(text: str) -> int:
    return max((cell_len(line) for line in text.splitlines()), default=0)


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """A width for each column, none when they do not fit side by side."""
    room = width - GAP * (len(columns) - 1)
    text = ALONE if sum(column.folds for column in columns) == 1 else LEAST
    widths = [column.least(text) for column in columns]
    if sum(widths) > room:
        return []
    while sum(widths) < room:
        cut = [i for i, column in enumerate(columns) if widths[i] < column.natural]
        if not cut:
            break
        widths[min(cut, key=lambda i: (not columns[i].folds, widths[i]))] += 1
    return widths


def _table(columns: Sequence[Column], widths: Sequence[int]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    for column, width in zip(columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(column.name, justify=justify, width=width, overflow="fold")
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def _blocks(columns: Sequence[Column]) -> RenderableType:
    """One block per row: a line per column, its name in front."""
    blocks: list[RenderableType] = []
    for row in zip(*(column.cells for column in columns), strict=True):
        block = Table.grid(padding=(0, GAP, 0, 0))
        block.add_column(style="dim", no_wrap=True)
        block.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                block.add_row(column.name, Text(cell))
        blocks += [Text(), block]
    return Group(*blocks)
