"""What unfinished work is, and what is left of it after one action.

All of it stands in rows of the store; nothing is lost with the process that works on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from tallystick.engine.installation import Installation
from tallystick.errors import Problem

FIRST_DELAY: Final = timedelta(seconds=30)
PARKED_AFTER: Final = 8
"""So many tries, over an hour together, before it takes a person: it is told as parked."""
PARKED_DELAY: Final = timedelta(days=1)
AT_ONCE: Final = datetime.min.replace(tzinfo=UTC)


class Work(NamedTuple):
    """One thing to do from `due_at` on. Whoever works on it holds `lock`: nobody else works on
    the same client, or the same thing, meanwhile."""

    kind: str
    id: str
    due_at: datetime
    lock: str


class Left(NamedTuple):
    """What is left after an action: nothing, more at `due_at`, or for `reason` the same again."""

    due_at: datetime | None = None
    reason: str = ""


DONE: Final = Left()


def left_of(due_at: datetime | None, now: datetime, problems: Sequence[Problem]) -> Left:
    """What is left of something that has its own clock; where that did not move, what was in the
    way is the reason to wait."""
    if due_at is None or due_at > now:
        return Left(due_at)
    return Left(reason=str(problems[0]) if problems else "Nothing came of it.")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: `unfinished` finds it by indexed queries, `advance` performs one action
    on the thing with that id and records what came of it, in the store."""

    name: str
    unfinished: Callable[[Installation, Connection], Iterator[Work]]
    advance: Callable[[Installation, str], Left]


def delay(tries: int) -> timedelta:
    """How long after the failed try number `tries`, from 1, the next one waits: twice as long
    each time, a day once it is parked."""
    if tries >= PARKED_AFTER:
        return PARKED_DELAY
    doublings: int = 2 ** (tries - 1)
    return FIRST_DELAY * doublings
