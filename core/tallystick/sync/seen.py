"""Which ids a pull has met: eight bytes each, as a list may have millions."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_PARTS = 256


class Seen:
    """Ids by their hash, which is another one in every process: should two ever share theirs, a
    record that is gone is found so at the next run."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._parts: list[array[int]] = []

    def add(self, ids: Iterable[str]) -> None:
        self._hashes.extend(map(hash, ids))
        self._parts = []

    def __contains__(self, ref: object) -> bool:
        if not self._parts:
            self._sort()
        wanted = hash(ref)
        part = self._parts[wanted % _PARTS]
        at = bisect_left(part, wanted)
        return at < len(part) and part[at] == wanted

    def _sort(self) -> None:
        """A part at a time, so that no number of them all is an object at once."""
        parts = [array("q") for _ in range(_PARTS)]
        for one in self._hashes:
            parts[one % _PARTS].append(one)
        self._parts = [array("q", sorted(part)) for part in parts]
