"""Sending a refund that was let go, and asking after one that got no answer.

As with collections the provider is asked first, the same key and body are sent again while the key
surely stands, and past that two people say what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from tallystick.cash.collecting.attempts import when_absent
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.sending import TWO_PEOPLE, Outcome
from tallystick.cash.repaying.refunds import unsound
from tallystick.cash.settling.standing import read_claims
from tallystick.connector import Refund, Refunder, RefundRequest
from tallystick.errors import Problem, Retry, SkipRecord
from tallystick.money import Money
from tallystick.store import attempts, control, refunds
from tallystick.store.database import Database

UNRESOLVED: Final = frozenset({"approved", "unknown"})
LIVE: Final = UNRESOLVED | {"pending", "lost"}
ASK_AGAIN: Final = timedelta(hours=1)
LOST: Final = "The provider does not know it, and no longer keeps its key."


def refresh_refund(
    database: Database,
    channels: Mapping[str, Channel],
    key: str,
    now: Callable[[], datetime],
    outcome: Outcome,
) -> bool:
    """Ask what became of the refund `key` and note it; send it where it never arrived. Whether
    the provider answered."""
    with database.read() as connection:
        row = refunds.by_key(connection, key)
    if row is None or row.state not in LIVE:
        return True
    place = f"refund {key} of connection {row.connection}"
    channel = channels.get(row.connection)
    if channel is None or not isinstance(channel.session, Refunder):
        what = "Nobody knows what became of it, and the connection cannot be asked any more."
        do = f"Put connection {row.connection} back into tallystick.toml."
        outcome.unanswered.append(Problem(place, what, do))
        return False
    try:
        answer = channel.session.find_refund(key)
        if answer is None and row.state in UNRESOLVED:
            answer = _send(database, channel, channel.session, row, now, outcome)
            if answer is None:
                return True
    except Retry as error:
        outcome.unanswered.append(error.as_problem(place))
        state = "unknown" if row.state == "approved" else row.state
        _note(database, row, now(), state=state, reason=str(error))
        return False
    except SkipRecord as error:
        outcome.parked.append(error.as_problem(place))
        _note(database, row, now(), state="parked", reason=str(error), ask_at=None)
        return True
    if answer is None:
        _note(database, row, now())
        return True
    _note_answer(database, row, answer, now())
    return True


def refresh_refunds(
    database: Database,
    channels: Mapping[str, Channel],
    now: Callable[[], datetime],
    outcome: Outcome,
) -> int:
    """Send and ask after every refund whose time has come; how many."""
    with database.read() as connection:
        keys = [row.key for row in refunds.to_ask(connection, now())]
    for key in keys:
        refresh_refund(database, channels, key, now, outcome)
    return len(keys)


def _send(
    database: Database,
    channel: Channel,
    session: Refunder,
    row: Row[Any],
    now: Callable[[], datetime],
    outcome: Outcome,
) -> Refund | None:
    """Send a refund that the provider never received, if that is still right; None when not."""
    with database.read() as connection:
        amount = Money(row.amount_minor, row.currency)
        collected = attempts.by_key(connection, row.attempt)
        claim = read_claims(connection, [row.settles])[row.settles]
        held = control.held_among(connection, row.settles, claim.client)
        why = unsound(connection, row.attempt, amount, row.key)
    if held is not None:
        _note(database, row, now(), reason=f"{held.subject} is held by {held.by}: {held.reason}")
        return None
    lifetime = channel.collects.key_lifetime
    then = when_absent(row.intended_at, lifetime, now(), unpaid=not why)
    if then == "lose":
        outcome.lost.append(Problem(f"refund {row.key}", LOST, TWO_PEOPLE))
        _note(database, row, now(), state="lost", reason=LOST)
        return None
    if then == "withdraw":
        _note(database, row, now(), state="cancelled", reason=why, ask_at=None)
        return None
    ref = collected.vendor_ref if collected is not None else None
    return session.refund(RefundRequest(row.key, row.attempt, ref or "", amount, row.why))


def _note_answer(database: Database, row: Row[Any], answer: Refund, now: datetime) -> None:
    """Note what the provider says; what a movement has shown it does not change."""
    state = answer.state
    if state == "unknown" and row.state not in UNRESOLVED:
        state = row.state
    values: dict[str, Any] = {"state": state, "reason": answer.reason}
    if state in ("succeeded", "failed"):
        values["ask_at"] = None
    _note(database, row, now, vendor_ref=answer.vendor_ref or row.vendor_ref, **values)


def _note(database: Database, row: Row[Any], now: datetime, **values: Any) -> None:
    wait = ASK_AGAIN * 2 ** min(row.asks, 4)
    known: dict[str, Any] = {"ask_at": now + wait, "asks": row.asks + 1}
    with database.write() as connection:
        refunds.change(connection, row.key, {row.state}, now, **(known | values))
