"""What happened in a schedule, line by line: when, who, what was called, what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

LONGEST = 160
DULL = ("pulls", "period", "clients", "quiet", "due", "nothing", "gross", "skipped")
"""Of a report what no one reads a trace for."""


class Happened(NamedTuple):
    at: datetime
    actor: str
    what: str
    outcome: object

    def __str__(self) -> str:
        told = " ".join(said(self.outcome)) or "ends"
        return f"{self.at:%m-%d %H:%M:%S}  {self.actor:<9} {self.what:<46} {told}"


def said(value: object) -> Iterator[str]:
    """What of a report is not empty, by field, however deep."""
    if not isinstance(value, type) and dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            found = getattr(value, one.name)
            if dataclasses.is_dataclass(found):
                yield from said(found)
            elif found and one.name not in DULL:
                yield f"{one.name}={_short(found)}"
    else:
        yield _short(value)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


class Trace:
    """Grows as the schedule goes; made into text only where somebody reads it."""

    def __init__(self) -> None:
        self._lines: list[Happened] = []

    def add(self, at: datetime, actor: str, what: str, outcome: object = "") -> None:
        self._lines.append(Happened(at, actor, what, outcome))

    def __str__(self) -> str:
        return "\n".join(map(str, self._lines))

    def __len__(self) -> int:
        return len(self._lines)
