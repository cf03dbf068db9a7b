"""Sending a refund that was let go, and asking after one that got no answer.

As with collections the provider is asked first, the same key and body are sent again while the key
surely stands, and past that two people say what became of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row

from tallystick.cash.collecting.attempts import when_absent
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import TWO_PEOPLE
from tallystick.cash.repaying.refunds import unsound
from tallystick.cash.settling.standing import read_claims
from tallystick.connector import Refund, Refunder, RefundRequest
from tallystick.errors import Problem, Retry, SkipRecord
from tallystick.money import Money
from tallystick.store.books import control
from tallystick.store.cash import attempts, refunds

UNRESOLVED: Final = frozenset({"approved", "unknown"})
LIVE: Final = UNRESOLVED | {"pending", "lost"}
ASK_AGAIN: Final = timedelta(hours=1)
LOST: Final = "The provider does not know it, and no longer keeps its key."


def refresh_refund(asking: Round, key: str) -> bool:
    """Ask what became of the refund `key` and note it; send it where it never arrived. Whether
    the provider answered."""
    with asking.database.read() as connection:
        row = refunds.by_key(connection, key)
    if row is None or row.state not in LIVE:
        return True
    place = f"refund {key} of connection {row.connection}"
    channel = asking.channels.get(row.connection)
    if channel is None or not isinstance(channel.session, Refunder):
        what = "Nobody knows what became of it, and the connection cannot be asked any more."
        do = f"Put connection {row.connection} back into tallystick.toml."
        asking.outcome.unanswered.append(Problem(place, what, do))
        return False
    try:
        answer = channel.session.find_refund(key)
        if answer is None and row.state in UNRESOLVED:
            answer = _send(asking, channel, channel.session, row)
            if answer is None:
                return True
    except Retry as error:
        asking.outcome.unanswered.append(error.as_problem(place))
        state = "unknown" if row.state == "approved" else row.state
        _note(asking, row, state=state, reason=str(error))
        return False
    except SkipRecord as error:
        asking.outcome.parked.append(error.as_problem(place))
        _note(asking, row, state="parked", reason=str(error), ask_at=None)
        return True
    if answer is None:
        _note(asking, row)
        return True
    _note_answer(asking, row, answer)
    return True


def _send(asking: Round, channel: Channel, session: Refunder, row: Row[Any]) -> Refund | None:
    """Send a refund that the provider never received, if that is still right; None when not."""
    with asking.database.read() as connection:
        amount = Money(row.amount_minor, row.currency)
        collected = attempts.by_key(connection, row.attempt)
        claim = read_claims(connection, [row.settles])[row.settles]
        held = control.held_among(connection, row.settles, claim.client)
        why = unsound(connection, row.attempt, amount, row.key)
    if held is not None:
        _note(asking, row, reason=f"{held.subject} is held by {held.by}: {held.reason}")
        return None
    lifetime = channel.collects.key_lifetime
    then = when_absent(row.intended_at, lifetime, asking.now(), unpaid=not why)
    if then == "lose":
        asking.outcome.lost.append(Problem(f"refund {row.key}", LOST, TWO_PEOPLE))
        _note(asking, row, state="lost", reason=LOST)
        return None
    if then == "withdraw":
        _note(asking, row, state="cancelled", reason=why, ask_at=None)
        return None
    ref = collected.vendor_ref if collected is not None else None
    return session.refund(RefundRequest(row.key, row.attempt, ref or "", amount, row.why))


def _note_answer(asking: Round, row: Row[Any], answer: Refund) -> None:
    """Note what the provider says; what a movement has shown it does not change."""
    state = answer.state
    if state == "unknown" and row.state not in UNRESOLVED:
        state = row.state
    values: dict[str, Any] = {"state": state, "reason": answer.reason}
    if state in ("succeeded", "failed"):
        values["ask_at"] = None
    _note(asking, row, vendor_ref=answer.vendor_ref or row.vendor_ref, **values)


def _note(asking: Round, row: Row[Any], **values: Any) -> None:
    now = asking.now()
    wait = ASK_AGAIN * 2 ** min(row.asks, 4)
    known: dict[str, Any] = {"ask_at": now + wait, "asks": row.asks + 1}
    with asking.database.write() as connection:
        refunds.change(connection, row.key, {row.state}, now, **(known | values))
