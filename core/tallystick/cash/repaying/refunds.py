r"""Refunds: money given back of what a collection brought. Asked for by one person, let go by
another.

    requested -> approved -> pending -> succeeded | failed
        |           |   \-> unknown -> lost         (asked, sent again, or two people)
        v           v
     refused     cancelled | parked

Of one collection never more is given back than it brought, less what came back by itself or by a
dispute; nothing while a dispute is open, as the bank gives the money back then. What is given back
of an invoice is not collected again; it settles a credit note, where one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.attempts import attempt_key
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.claims import Debit
from tallystick.cash.settling.standing import read_claims, read_standing
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.books import control
from tallystick.store.cash import attempts, refunds
from tallystick.store.cash.disputes import disputes
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


@dataclass(frozen=True, slots=True)
class Asked:
    """A refund that waits for a second person."""

    key: str
    invoice: str
    settles: str
    amount: Money
    why: str


def ask(
    database: Database,
    number: str,
    amount: Decimal,
    why: str,
    by: str,
    givers: Collection[str],
    now: Callable[[], datetime],
    credit_note: str | None = None,
) -> Asked:
    """Ask for `amount` (major units) of what was collected of invoice `number` to be given back,
    through one of the connections `givers` that can; it settles `credit_note`, or the invoice.

    Raises `Stop` where no collection of it brought that much.
    """
    if not why.strip():
        raise Stop("A refund needs a reason.", do="Give --why 'reason'.")
    with database.write() as connection:
        take_turn(connection, TURN)
        claim = read_claims(connection, [number]).get(number)
        if claim is None or claim.gross.minor < 0:
            raise Stop(f"There is no invoice {number!r}.", do="`tallystick bill list` names them.")
        wanted = Money.exact(amount, claim.gross.currency)
        if wanted.minor <= 0:
            raise Stop(f"{wanted} cannot be given back.", do="Name an amount above zero.")
        settles = _settles(connection, claim.client, number, credit_note, wanted)
        key, source = _payment_of(connection, number, wanted, givers)
        count = len(refunds.of_attempts(connection, [key]))
        refund_key = attempt_key(f"RF-{key}", count + 1)
        at = now()
        refunds.add(
            connection,
            source,
            key=refund_key,
            attempt=key,
            settles=settles,
            amount_minor=wanted.minor,
            currency=wanted.currency,
            why=why,
            state="requested",
            asked_by=by,
            asked_at=at,
            reason="",
            asks=0,
            changed_at=at,
        )
        control.add(connection, "refund", refund_key, by, at, why, [str(wanted), number])
    return Asked(refund_key, number, settles, wanted, why)


def approve(database: Database, key: str, by: str, now: Callable[[], datetime]) -> None:
    """Let a refund go as a second person. Whoever calls this sends it next, with
    `repaying.refresh_refund`; what it will say is committed now.

    Raises `Stop` for whoever asked for it, and where it is no longer possible.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        row = _requested(connection, key)
        if row.asked_by == by:
            raise Stop(f"{by} asked for {key}.", do="A second person lets it go (--as NAME).")
        if why := unsound(connection, row.attempt, Money(row.amount_minor, row.currency), key):
            raise Stop(f"{key} cannot be given back: {why}", do="Refuse it, or wait.")
        at = now()
        values = {"state": "approved", "decided_by": by, "intended_at": at, "ask_at": at}
        refunds.change(connection, key, {"requested"}, at, **values)
        control.add(connection, "refund_approved", key, by, at, row.why)


def refuse(database: Database, key: str, by: str, now: Callable[[], datetime]) -> None:
    """Drop a refund that nobody let go yet; its asker may too."""
    with database.write() as connection:
        _requested(connection, key)
        refunds.change(connection, key, {"requested"}, now(), state="refused", decided_by=by)
        control.add(connection, "refund_refused", key, by, now(), "")


def unsound(connection: Connection, key: str, amount: Money, but: str = "") -> str:
    """Why `amount` of the collection `key` cannot be given back, a sentence, or empty. The refund
    `but` is left out of what was given back already."""
    contested = disputes(connection, [key])
    if any(one.state == "open" for one in contested):
        return "A dispute of it is open."
    debit = read_standing(connection, (), [key], ()).debits[key]
    left = returnable(
        debit,
        sum(one.amount.minor for one in contested if one.state == "lost"),
        sum(
            row.amount_minor
            for row in refunds.of_attempts(connection, [key])
            if row.key != but and row.state not in refunds.NOTHING_GIVEN
        ),
    )
    if amount.minor > left.minor:
        return f"{Money(max(0, left.minor), left.currency)} of it is left to give back."
    return ""


def returnable(debit: Debit, lost_minor: int, given_minor: int) -> Money:
    """What may still be given back of a collection: what it brought, less the greater of what came
    back of it and what disputes lost, less what was given back."""
    brought = debit.settled.minor + debit.suspended.minor
    came_back = max(-debit.back.minor, lost_minor)
    return Money(brought - came_back - given_minor, debit.amount.currency)


def _requested(connection: Connection, key: str) -> Row[Any]:
    row = refunds.by_key(connection, key, to_change=True)
    if row is None or row.state != "requested":
        raise Stop(
            f"No refund {key!r} waits for a second person.",
            do="`tallystick cash refund` without more lists them.",
        )
    return row


def _settles(
    connection: Connection, client: str, number: str, credit_note: str | None, wanted: Money
) -> str:
    """The document that a refund of invoice `number` settles."""
    if credit_note is None:
        return number
    found = read_claims(connection, [credit_note]).get(credit_note)
    if found is None or found.client != client or found.gross.currency != wanted.currency:
        raise Stop(
            f"{credit_note} is no credit note of the client of {number}.",
            do="Name one of theirs, or leave --credit-note out.",
        )
    left = -found.open - Money(refunds.on_its_way(connection, credit_note), wanted.currency)
    if left.minor < wanted.minor:
        raise Stop(
            f"{left} of {credit_note} is open and not on its way back, less than {wanted}.",
            do="Give back no more than that.",
        )
    return credit_note


def _payment_of(
    connection: Connection, number: str, wanted: Money, givers: Collection[str]
) -> tuple[str, str]:
    """Key and connection of the newest collection of an invoice that `wanted` can be given back
    of."""
    tried = [row for row in attempts.of_invoice(connection, number) if row.connection in givers]
    why = "It was not collected through a connection that can give money back."
    for row in tried:
        why = unsound(connection, row.key, wanted)
        if not why:
            return row.key, row.connection
    raise Stop(
        f"{wanted} of {number} cannot be given back: {why}",
        do="Pay by bank transfer, or give back less.",
    )
