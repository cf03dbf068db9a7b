"""Payment attempts: a batch that is intended is sent, and what is not resolved is asked about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection

from tallystick.cash.collecting.asking import refresh_attempt
from tallystick.cash.collecting.attempts import OPEN, SENDING_TAKES, UNRESOLVED, next_action
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import Batch, Outcome
from tallystick.engine import cash
from tallystick.engine.installation import Installation
from tallystick.engine.work import DONE, Kind, Left, Work, left_of
from tallystick.store.cash import attempts
from tallystick.store.cash.unfinished import attempts_to_ask, begin_sending

NAME = "attempt"
AHEAD = timedelta(hours=1)
"""What is asked later than this is found by a later look."""
log = logging.getLogger(__name__)


def unfinished(installation: Installation, connection: Connection) -> Iterator[Work]:
    """Every open attempt whose collector is to be asked, an unresolved batch once."""
    seen: set[str] = set()
    for row in attempts_to_ask(connection, OPEN, installation.now() + AHEAD):
        unresolved = row.state in UNRESOLVED
        if unresolved and row.batch in seen:
            continue
        seen.add(row.batch if unresolved else row.key)
        alone = row.batch == row.key
        lock = row.client if alone or not unresolved else f"batch {row.batch}"
        yield Work(NAME, row.key, row.ask_at, lock)


def advance(installation: Installation, key: str) -> Left:
    """Send the batch of this attempt if nothing of it was sent, else ask what became of it."""
    database, now = installation.database, installation.now
    with database.glance() as connection:
        row = attempts.by_key(connection, key)
    if row is None or next_action(row.state, row.ask_at, now()) != "ask":
        return DONE if row is None else Left(row.ask_at)
    channel = cash.kept_channel(installation, row.connection)
    outcome = Outcome()
    with database.write() as connection:
        mine = begin_sending(connection, row.batch, now() + SENDING_TAKES)
    if mine:
        Batch(database, channel, row.connection, row.batch, now, outcome).send()
    else:
        refresh_attempt(Round(database, {row.connection: channel}, now, outcome), key)
    cash.tell_failed(installation, outcome.declined)
    problems = [*outcome.unanswered, *outcome.parked, *outcome.lost]
    for problem in problems:
        log.warning("%s", problem)
    with database.glance() as connection:
        row = attempts.by_key(connection, key)
    return left_of(row.ask_at if row is not None else None, now(), problems)


ATTEMPT = Kind(NAME, unfinished, advance)
