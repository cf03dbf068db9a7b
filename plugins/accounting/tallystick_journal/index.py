"""Where each pushed record lies in the books, and which names the books have declared."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tallystick_journal.beancount_text import QUOTED, declared_in, unquoted
from tallystick_journal.blocks import Block

_ENTRY: Final = re.compile(
    rf'^  key: ({QUOTED})\n  record: "(\w+)"\n  (?:number|id): ({QUOTED})$'.encode(), re.MULTILINE
)


class Place(NamedTuple):
    """A block's body: byte offset and length."""

    offset: int
    size: int


class Index:
    """Filled block by block while the books are read; each question is one look-up."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], Place] = {}
        self.key_of: dict[tuple[str, str], str] = {}
        self.declared: set[str] = set()

    def add(self, block: Block) -> None:
        entry = _ENTRY.search(block.body)
        if entry is None:
            return
        key, record, name = unquoted(entry[1].decode()), entry[2].decode(), entry[3].decode()
        self.places[record, key] = Place(block.start, len(block.body))
        if record != "customer":
            self.key_of[record, unquoted(name)] = key
        if not block.body.startswith(b"1970-01-01"):
            return
        self.declared.update(name for _, name in declared_in(block.body.decode()))

    @property
    def transactions(self) -> int:
        return len(self.key_of)
