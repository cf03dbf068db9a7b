"""A document as plain text: at most `WIDTH` columns, wide characters counted as two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tallystick.billing.documents.wording import Pairs, Wording, wording
from tallystick.billing.invoice.document import InvoiceDocument

WIDTH = 96
GAP = "  "
MOST = {"position": 4, "quantity": 18, "unit_price": 20, "tax": 8, "net": 20}


def render_text(document: InvoiceDocument) -> str:
    """The document in aligned columns, ending in a newline."""
    words = wording(document)
    title = f"{words.title} {words.number}"
    blocks = [
        _wrapped([*words.seller, *(f"{label} {value}" for label, value in words.identity)]),
        [*_wrapped([title.upper()]), *_pairs(words.facts)],
        _wrapped(words.buyer),
        _lines(words),
        _totals([*words.totals, words.due]),
        _wrapped(words.notes),
        _wrapped(words.payment),
        _pairs(words.account),
        *_annex(words),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _wrapped(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in wrap(line, WIDTH)]


def _pairs(pairs: Pairs) -> list[str]:
    """Labels and values under one another."""
    left = max((width(label) for label, _ in pairs), default=0)
    room = WIDTH - left - len(GAP)
    lines = []
    for label, value in pairs:
        first, *more = wrap(value, room)
        lines.append(f"{label}{_blank(label, left)}{GAP}{first}")
        lines += [" " * left + GAP + part for part in more]
    return lines


def _lines(words: Wording) -> list[str]:
    heads = words.heads
    columns = [
        ("", 4, [row.position for row in words.rows]),
        (heads.description, WIDTH, [row.text for row in words.rows]),
        (heads.quantity, 18, [row.quantity for row in words.rows]),
        (heads.unit_price, 20, [row.unit_price for row in words.rows]),
        (heads.tax, 8, [row.tax for row in words.rows]),
        (heads.net, 20, [row.net for row in words.rows]),
    ]
    if not heads.tax:
        del columns[4]
    return _table(columns, [row.detail for row in words.rows], left=(1,))


def _annex(words: Wording) -> Iterator[list[str]]:
    """A table for each line of the document that something is behind."""
    if words.annex:
        yield [words.annex_title.upper()]
    for one in words.annex:
        most = (24, 20, WIDTH, 18, 20)
        cells = zip(*one.rows, strict=True)
        columns = [
            (head, room, list(column))
            for head, room, column in zip(words.annex_heads, most, cells, strict=True)
        ]
        table = _table(columns, [""] * len(one.rows), left=(0, 1, 2))
        yield [*_wrapped([one.title]), *table]


Column = tuple[str, int, list[str]]
"""A head, the most columns of a terminal it may take, and the cells below it."""


def _table(columns: Sequence[Column], details: Sequence[str], left: Sequence[int]) -> list[str]:
    """Columns as wide as they need; the last of those that stand `left` takes what is over."""
    widths = [min(max(map(width, [head, *cells])), most) for head, most, cells in columns]
    wide = left[-1]
    widths[wide] = WIDTH - sum(widths) + widths[wide] - len(GAP) * (len(widths) - 1)
    rule = "-" * WIDTH
    lines = [*_cells([head for head, _, _ in columns], "", widths, left), rule]
    for at, detail in enumerate(details):
        lines += _cells([cells[at] for _, _, cells in columns], detail, widths, left)
    return [*lines, rule]


def _cells(
    cells: Sequence[str], detail: str, widths: Sequence[int], left: Sequence[int]
) -> Iterator[str]:
    """One row on as many lines as its longest cell needs."""
    parts = [wrap(cell, room) for cell, room in zip(cells, widths, strict=True)]
    if detail:
        parts[left[-1]] += [f"  {part}" for part in wrap(detail, widths[left[-1]] - 2)]
    for line in zip_longest(*parts, fillvalue=""):
        padded = [
            part + _blank(part, room) if at in left else _blank(part, room) + part
            for at, (part, room) in enumerate(zip(line, widths, strict=True))
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
