"""Advance what is unfinished, one action at a time; the same functions in one process or on many
machines.

An action that fails is postponed with its reason, each time for longer, and keeps nothing else
from being done; what takes a person is told as parked, and tried once a day all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tallystick.engine.asked import EVENT, PAGE, PULL, REFUND
from tallystick.engine.attempts import ATTEMPT
from tallystick.engine.deliveries import DELIVERY
from tallystick.engine.installation import Installation
from tallystick.engine.runs import RUN
from tallystick.engine.work import Left, Work, delay
from tallystick.errors import TallystickError
from tallystick.store.engine import postponed
from tallystick.store.turn import held

KINDS: Final = {kind.name: kind for kind in (EVENT, PULL, RUN, ATTEMPT, REFUND, PAGE, DELIVERY)}
log = logging.getLogger(__name__)


def unfinished(installation: Installation, connection: Connection) -> Iterator[Work]:
    """All that is to be done, also what is not due yet: kind by kind, and in each the order in
    which it should be begun. A kind that cannot be looked through hides no other."""
    later = {(row.kind, row.id): row.due_at for row in postponed.everything(connection)}
    for kind in KINDS.values():
        try:
            found = list(kind.unfinished(installation, connection))
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("what is unfinished of kind %s could not be found", kind.name)
            continue
        for work in found:
            until = later.get((work.kind, work.id))
            yield work if until is None else work._replace(due_at=max(work.due_at, until))


def advance(installation: Installation, kind: str, ref: str) -> Left:
    """Perform one action on the thing `ref` of `kind`, and record what came of it.

    What somebody else is at right now is left to them. Raises only when the outcome could not
    be recorded; the next try finds everything as it was.
    """
    with held(installation.database, f"{kind} {ref}") as mine:
        if not mine:
            return Left(installation.now() + delay(1))
        left = _tried(installation, kind, ref)
        with installation.database.glance() as connection:
            before = postponed.find(connection, kind, ref)
        if not left.reason and before is None:
            return left
        now = installation.now()
        with installation.database.write() as connection:
            if not left.reason:
                postponed.forget(connection, [(kind, ref)])
                return left
            tries = before.tries + 1 if before else 1
            until = left.due_at or now + delay(tries)
            postponed.postpone(connection, kind, ref, tries, until, left.reason, now)
        return Left(until, left.reason)


def advance_each(
    installation: Installation, works: Iterable[Work], stopped: Callable[[], bool]
) -> Iterator[tuple[Work, Left]]:
    """Advance one after the other until `stopped`, and tell what is left of each; of payment
    attempts several are under way at a time, but never two with the same lock."""

    def line(ones: Iterable[Work]) -> list[tuple[Work, Left]]:
        return [(one, advance(installation, one.kind, one.id)) for one in ones if not stopped()]

    for together, alike in groupby(works, lambda one: one.kind == ATTEMPT.name):
        if not together:
            for one in alike:
                yield from line([one])
            continue
        lines: dict[str, list[Work]] = {}
        for one in alike:
            lines.setdefault(one.lock, []).append(one)
        for done in installation.several(line, lines.values()):
            yield from done


def _tried(installation: Installation, kind: str, ref: str) -> Left:
    try:
        return KINDS[kind].advance(installation, ref)
    except TallystickError as error:
        return Left(reason=str(error))
    except Exception as error:
        log.exception("%s %s failed", kind, ref)
        first = next(iter(str(error).splitlines()), "")
        return Left(reason=f"This should not have happened: {type(error).__name__}: {first}")


def look_through(installation: Installation) -> list[Work]:
    """All that is to be done. What was postponed and no longer is, as a person saw to it, is
    forgotten."""
    with installation.database.read() as connection:
        known = {(row.kind, row.id) for row in postponed.everything(connection)}
        found = list(unfinished(installation, connection))
    known -= {(work.kind, work.id) for work in found}
    if known:
        with installation.database.write() as connection:
            postponed.forget(connection, known)
    return found
