"""What a collector says of an attempt, noted: the one place where an answer moves its state."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.cash.collecting.attempts import OPEN, State, ask_again_in, state_told
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.standing import refresh_invoices
from tallystick.connector import Attempt
from tallystick.money import Money
from tallystick.store.cash import attempts
from tallystick.store.turn import take_turn


class Noted(NamedTuple):
    """An attempt after an answer. `moved` says that its state is another one now; `in_the_way`
    that it would be open again if its invoice had no other open attempt."""

    key: str
    invoice: str
    amount: Money
    state: State
    moved: bool
    in_the_way: bool


def note(connection: Connection, answer: Attempt, now: datetime, *, asks: bool) -> Noted | None:
    """Note an answer, whoever asked and whatever came before it; None for a key we never sent.

    `asks` says that the collector can be asked again, and so will be while the attempt is open.
    Noting the same answer twice notes it once.
    """
    before = attempts.by_key(connection, answer.key)
    if before is not None and _reopens(before.state, answer):
        # before any row is locked: whoever settles has the turn, and waits for rows
        take_turn(connection, TURN)
    row = attempts.by_key(connection, answer.key, to_change=True)
    if row is None:
        return None
    state = state_told(row.state, answer.state)
    in_the_way = _reopens(row.state, answer) and attempts.another_is_open(
        connection, row.invoice, row.key, OPEN
    )
    if in_the_way:
        state = row.state
    moved = state != row.state
    count = 0 if moved else row.asks + 1
    wait = ask_again_in(state, answer.state, count) if asks else None
    attempts.change(
        connection,
        row.key,
        {row.state},
        now if moved else row.changed_at,
        state=state,
        told=answer.state,
        reason=answer.reason or ("" if moved else row.reason),
        vendor_ref=answer.vendor_ref or row.vendor_ref,
        link=(answer.link or row.link) if state == "requires_customer" else None,
        ask_at=None if wait is None else now + wait,
        asks=count,
    )
    if moved:
        refresh_invoices(connection, {row.invoice})
    amount = Money(row.amount_minor, row.currency)
    return Noted(row.key, row.invoice, amount, state, moved, in_the_way)


def _reopens(state: State, answer: Attempt) -> bool:
    """Whether an answer opens an attempt again that was over."""
    return state not in OPEN and state_told(state, answer.state) in OPEN
