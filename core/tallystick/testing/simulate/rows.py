"""Rows of a vendor, told page by page in the order of their last change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

PAGE = 4
Kept = Mapping[str, Mapping[str, dict[str, Any]]]


class Rows:
    """By kind and id, each with the number of its last change as its `version`."""

    def __init__(self) -> None:
        self._changes = 0
        self.by_kind: dict[str, dict[str, dict[str, Any]]] = {}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.by_kind.get(kind, {})

    def put(self, kind: str, ref: str, fields: Mapping[str, Any]) -> None:
        """Create or change one row."""
        self._changes += 1
        row = self.of(kind).get(ref, {"id": ref})
        self.by_kind.setdefault(kind, {})[ref] = {**row, **fields, "version": self._changes}

    def take(self, kind: str, ref: str) -> None:
        """Delete one row; nothing tells of it but a list that leaves it out."""
        del self.by_kind[kind][ref]

    def kept(self) -> Kept:
        """All of them as they are now."""
        return {kind: dict(found) for kind, found in self.by_kind.items()}

    def begin_with(self, kept: Kept) -> None:
        self.by_kind = {kind: dict(found) for kind, found in kept.items()}
        versions = [row["version"] for found in kept.values() for row in found.values()]
        self._changes = max(versions, default=0)

    def pages(
        self, moments: Moments, wire: Wire, kind: str, since: str | None
    ) -> Iterator[Pulled | Broken | Cursor]:
        """What changed after `since`; a page may break off half way."""
        at = int(since or 0)
        while True:
            page = wire.call(f"list {kind} after {at}", partial(self._page, kind, at))
            yield from self._told(moments, kind, page)
            if not page:
                return
            at = page[-1]["version"]
            yield Cursor(str(at))

    def whole(self, moments: Moments, wire: Wire, kind: str) -> Iterator[Pulled | Whole]:
        """Everything there is, in one list, and that this was all."""
        yield from self._told(
            moments, kind, wire.call(f"list every {kind}", lambda: self._all(kind))
        )
        yield Whole()

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return sorted(self.of(kind).values(), key=lambda row: int(row["version"]))

    def _told(
        self, moments: Moments, kind: str, rows: Sequence[dict[str, Any]]
    ) -> Iterator[Pulled]:
        for number, row in enumerate(rows):
            if moments.chance.happens(moments.weather.partial):
                moments.note(moments.workers.now, f"list {kind}", f"page cut at row {number}")
                raise Retry("The page broke off.", do="Try again later.")
            yield Pulled(dict(row), f"{kind} {row['id']}")

    def _page(self, kind: str, after: int) -> list[dict[str, Any]]:
        return [row for row in self._all(kind) if row["version"] > after][:PAGE]
