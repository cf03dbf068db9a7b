"""`books.journal`: the books in hledger syntax, kept level with the file they come from.

Its last line says how far it goes. A file that ends otherwise - never written, cut short by a
crash, behind by more than the caller's own append - is rendered anew beside and moved into
place, so a reader never meets half of one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tallystick_journal.blocks import Block, Mark
from tallystick_journal.hledger_text import rendered

_MARK: Final = re.compile(rb"; level with byte (\d+) of books\.beancount, ([0-9a-f]{8})\n$")
_MARK_BYTES_MAX: Final = 80


def rendered_to(journal: Path) -> Mark | None:
    """How far `journal` goes, or None when it does not say."""
    try:
        with journal.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _MARK_BYTES_MAX))
            found = _MARK.search(file.read())
    except FileNotFoundError:
        return None
    return Mark(int(found[1]), int(found[2], 16)) if found else None


def render_more(journal: Path, before: Mark, blocks: Iterable[Block]) -> None:
    """Adds `blocks` to a journal that goes to `before`, in place."""
    with journal.open("r+b") as file:
        file.seek(-len(_line(before)), os.SEEK_END)
        file.writelines(_lines(before, blocks))
        file.flush()
        os.fsync(file.fileno())


def render_all(journal: Path, blocks: Iterable[Block]) -> None:
    """Renders every block, and replaces `journal` at once."""
    beside = journal.with_suffix(".journal.part")
    with beside.open("wb") as file:
        file.writelines(_lines(Mark(), blocks))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(journal)


def _lines(mark: Mark, blocks: Iterable[Block]) -> Iterator[bytes]:
    for block in blocks:
        yield rendered(block.body.decode()).encode()
        mark = block.end
    yield _line(mark)


def _line(mark: Mark) -> bytes:
    return b"; level with byte %d of books.beancount, %08x\n" % mark
