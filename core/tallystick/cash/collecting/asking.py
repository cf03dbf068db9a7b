"""Asking after attempts: what a lost answer or a dropped event would have told.

Whoever wants to know what became of an attempt - an event, a schedule, a person - calls
`refresh_attempt`. It asks the collector and notes the answer, so it may be called at any time, any
number of times and by several at once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from tallystick.cash.collecting.answers import note
from tallystick.cash.collecting.attempts import OPEN, UNRESOLVED, ask_again_in
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import Batch
from tallystick.cash.settling.standing import read_claims
from tallystick.connector import PageHost
from tallystick.errors import Problem, Retry
from tallystick.store.cash import attempts
from tallystick.store.database import Database


def refresh_attempt(asking: Round, key: str) -> bool:
    """Ask what became of the attempt `key` and note it; whether the collector answered. An
    unresolved one that never arrived is sent again, as in `Batch.resolve`; one that waits for its
    payer is closed where its invoice was settled in another way; any other is only asked about.
    """
    with asking.database.read() as connection:
        row = attempts.by_key(connection, key)
    if row is None:
        return True
    place = f"collection of invoice {row.invoice} ({key}) of connection {row.connection}"
    channel = asking.channels.get(row.connection)
    if channel is None:
        asking.outcome.unanswered.append(without_channel(place, row.connection))
        return False
    if row.state in UNRESOLVED:
        given = (asking.database, channel, row.connection, row.batch, asking.now, asking.outcome)
        Batch(*given).resolve()
        with asking.database.read() as connection:
            left = attempts.by_key(connection, key)
        return left is None or left.state not in UNRESOLVED
    answered = True
    try:
        if _is_over(asking.database, row) and isinstance(channel.session, PageHost):
            channel.session.close_page(key)
        answer = channel.session.find_attempt(key, attempts.trail_of(row))
    except Retry as error:
        asking.outcome.unanswered.append(error.as_problem(place))
        answer, answered = None, False
    with asking.database.write() as connection:
        if answer is None:
            wait = ask_again_in(row.state, row.told, row.asks)
            at = None if wait is None else asking.now() + wait
            changed = {"ask_at": at, "asks": row.asks + 1}
            attempts.change(connection, key, {row.state}, row.changed_at, **changed)
            return answered
        noted = note(connection, answer, asking.now(), asks=channel.collects.asks)
    if noted is not None and noted.moved:
        asking.outcome.add(noted, answer, place)
    if noted is not None and noted.in_the_way:
        asking.outcome.unanswered.append(
            Problem(
                place,
                f"The collector says {answer.state}, and its invoice has another open attempt.",
                "Have one of them cancelled at the collector before both are paid.",
            )
        )
    return True


def _is_over(database: Database, row: Row[Any]) -> bool:
    """Whether an attempt waits for its payer to pay what was paid in another way."""
    if row.state != "requires_customer":
        return False
    with database.read() as connection:
        claim = read_claims(connection, [row.invoice])[row.invoice]
    return claim.open.minor < int(row.amount_minor)


def ask_again(asking: Round) -> int:
    """Ask after every open attempt whose time has come, and which a channel can answer for, an
    unresolved batch once; returns how many were asked about."""
    with asking.database.read() as connection:
        due = attempts.to_ask(connection, OPEN, asking.now())
    keys: dict[str, str] = {}
    for row in due:
        if row.connection in asking.channels:
            keys.setdefault(row.batch if row.state in UNRESOLVED else row.key, row.key)
    for key in keys.values():
        refresh_attempt(asking, key)
    return len(keys)


def without_channel(place: str, connection: str) -> Problem:
    return Problem(
        place,
        "Nobody knows whether it was collected, and the connection cannot be asked any more.",
        f"Put connection {connection} back into tallystick.toml and collect again.",
    )
