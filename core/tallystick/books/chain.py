"""The chain: every row of the journal carries a hash over the one before it and its own content.

    hash(n) = SHA-256(JSON of [hash(n - 1), content(n)])      hash(0) = 64 zeros

Whoever changes, removes, inserts or moves a row breaks the link at that row, and `faults` names
it. A chain that was cut short, or written anew from somewhere on, is whole in itself: that is
found against an anchor, a head that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

START = "0" * 64


class Head(NamedTuple):
    """How many rows a chain has, and the hash of the last."""

    length: int
    hash: str


EMPTY = Head(0, START)


class Sealed(NamedTuple):
    """A row as it is stored; `content` are all its values but the hash, `id` in front."""

    id: int
    name: str
    content: Sequence[object]
    hash: str


class Fault(NamedTuple):
    """What is wrong with a row, `id` counted from 1."""

    id: int
    what: str


def seal(previous: str, content: Sequence[object]) -> str:
    """The hash of a row; its content are texts, whole numbers, None and lists of them."""
    return hashlib.sha256(msgspec.json.encode((previous, content))).hexdigest()


def faults(rows: Iterable[Sealed], head: Head, anchors: Iterable[Head] = ()) -> Iterator[Fault]:
    """Every break of a chain whose `rows` come by id and which should end in `head`; `anchors`
    are heads it had once. A row is named by its own fault, not by that of the one before."""
    wanted: dict[int, list[str]] = {}
    for anchor in anchors:
        wanted.setdefault(anchor.length, []).append(anchor.hash)
    last, known = EMPTY, True
    for row in rows:
        if row.id != last.length + 1:
            yield from _missing(last.length + 1, row.id)
            known = row.id == last.length + 1
        if known and seal(last.hash, row.content) != row.hash:
            yield Fault(row.id, f"{row.name} is not what was recorded, or not in its place")
        if any(said != row.hash for said in wanted.pop(row.id, ())):
            yield Fault(row.id, f"{row.name} is not what an anchor says it was")
        last, known = Head(row.id, row.hash), True
    yield from _missing(last.length + 1, max([head.length, *wanted]) + 1)
    if last.length > head.length:
        yield Fault(
            last.length, f"it follows {head.length}, the last row the head of the chain knows"
        )
    elif last.length == head.length and last.hash != head.hash:
        yield Fault(last.length, "it is not the last row the head of the chain knows")


def _missing(first: int, end: int) -> Iterator[Fault]:
    """Fault of the rows from `first` to before `end`."""
    if first < end:
        last = end - 1
        yield Fault(
            first, "it is missing" if first == last else f"it and all to {last} are missing"
        )
