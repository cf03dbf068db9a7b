"""One block of the books as hledger text. Nothing is read back from it: the books are the truth.

Syntax: https://hledger.org/1.25/hledger.html#journal-format
"""

from __future__ import annotations

from typing import Final

from tallystick_journal.beancount_text import declared_in, entry_from
from tallystick_journal.entries import TRANSACTION, Entry, Meta
from tallystick_journal.inert import inert

HEADER: Final = "; Rendered from books.beancount; changes made here are lost.\n\ndecimal-mark .\n\n"

_IN_DESCRIPTION: Final = str.maketrans({";": ",", "|": "/"})
"""A semicolon would start a comment, a bar would end the payee."""

_IN_TAG: Final = str.maketrans({",": ";", "[": "(", "]": ")"})
"""A comma would end the tag, after which `date:` or a bracketed date moves the posting."""


def rendered(block: str) -> str:
    """The hledger lines of one block: its declarations, then its entry.

    The first block, which only holds a remark for people, becomes the journal's own.
    """
    if block.startswith(";"):
        return HEADER
    lines = [
        f"account {name}" if directive == "open" else f"commodity {name}"
        for directive, name in declared_in(block)
    ]
    return "\n".join([*lines, *_entry_lines(entry_from(block))]) + "\n\n"


def _entry_lines(entry: Entry) -> list[str]:
    if entry.kind != TRANSACTION:
        return [f"; {entry.on} {' '.join(map(inert, entry.texts))}", *_tags(entry.meta, "")]
    said = " | ".join(inert(text).translate(_IN_DESCRIPTION) for text in entry.texts if text)
    # The code in front keeps a payee that starts with a parenthesis from being read as one.
    lines = [f"{entry.on} * ({entry.meta['record']}) {said}", *_tags(entry.meta, "  ")]
    for posting in entry.postings:
        lines.append(f"  {posting.account:<44}  {posting.amount:>16f} {posting.currency}")
        lines += _tags(posting.meta, "    ")
    return lines


def _tags(meta: Meta, indent: str) -> list[str]:
    return [
        f"{indent}; {name}: {inert(str(value)).translate(_IN_TAG)}" for name, value in meta.items()
    ]
