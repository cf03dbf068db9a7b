"""The checklist of a closing: what should be settled before a period is closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

NAMED_MAX = 5
"""So many records are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist. `hold` keeps the period open unless it is accepted with a
    reason, `note` is only told; with a `count` of 0 it is settled."""

    code: str
    severity: Literal["hold", "note"]
    what: str
    count: int
    do: str
    named: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.severity == "hold" and self.count > 0


def item(
    code: str, severity: Literal["hold", "note"], what: str, found: Collection[str], do: str
) -> Item:
    """The line for the records `found`."""
    return Item(code, severity, what, len(found), do, tuple(sorted(found)[:NAMED_MAX]))


def holding(items: Sequence[Item]) -> list[Item]:
    """What keeps the period open."""
    return [one for one in items if one.holds]
