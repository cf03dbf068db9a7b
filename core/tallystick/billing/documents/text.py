"""A document as plain text: at most `WIDTH` columns, wide characters counted as two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tallystick.billing.document import InvoiceDocument
from tallystick.billing.documents.wording import Row, wording

WIDTH = 96
GAP = "  "
HEADS = ("", "Description", "Quantity", "Unit price", "Net")
MOST = (4, WIDTH, 18, 20, 20)


def render_text(document: InvoiceDocument) -> str:
    """The document in aligned columns, ending in a newline."""
    words = wording(document)
    title = f"{words.title} {words.number}"
    blocks = [
        _wrapped(words.seller),
        [*_wrapped([title.upper()]), *_pairs(words.dates)],
        _wrapped(words.buyer),
        _table(words.rows),
        _totals([*words.totals, words.due]),
        _wrapped(words.notes),
        _wrapped(words.payment),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _wrapped(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in wrap(line, WIDTH)]


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[str]:
    left = max(len(label) for label, _ in pairs)
    return [f"{label.ljust(left)}{GAP}{value}" for label, value in pairs]


def _table(rows: Sequence[Row]) -> list[str]:
    table = [
        HEADS,
        *([one.position, one.text, one.quantity, one.unit_price, one.net] for one in rows),
    ]
    widths = [
        min(max(width(cells[column]) for cells in table), most) for column, most in enumerate(MOST)
    ]
    widths[1] = WIDTH - sum(widths) + widths[1] - len(GAP) * (len(widths) - 1)
    lines = list(_cells(HEADS, "", widths))
    lines.append("-" * WIDTH)
    for one, cells in zip(rows, table[1:], strict=True):
        lines.extend(_cells(cells, one.detail, widths))
    return [*lines, "-" * WIDTH]


def _cells(cells: Sequence[str], detail: str, widths: Sequence[int]) -> Iterator[str]:
    """One row on as many lines as its longest cell needs; figures stand to the right."""
    columns = [wrap(cell, room) for cell, room in zip(cells, widths, strict=True)]
    if detail:
        columns[1] += [f"  {part}" for part in wrap(detail, widths[1] - 2)]
    for parts in zip_longest(*columns, fillvalue=""):
        padded = [
            part + _blank(part, room) if column == 1 else _blank(part, room) + part
            for column, (part, room) in enumerate(zip(parts, widths, strict=True))
        ]
        yield GAP.join(padded).rstrip()


def _totals(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Labels and amounts at the right edge, one under the other."""
    right = max(len(value) for _, value in pairs)
    left = WIDTH - len(GAP) - right
    lines = []
    for label, value in pairs:
        *above, last = wrap(label, left)
        lines += [_blank(part, left) + part for part in above]
        lines.append(_blank(last, left) + last + GAP + value.rjust(right))
    return lines


def _blank(text: str, room: int) -> str:
    return " " * (room - width(text))


def width(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1 + _wide(char) for char in text
    )


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def wrap(text: str, room: int) -> list[str]:
    """`text` on lines of at most `room` columns, broken between words or within a longer one."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if width(lines[-1] + char) > room:
                lines.append("")
            lines[-1] += char
    return lines
