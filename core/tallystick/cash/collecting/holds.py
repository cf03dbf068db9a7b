"""Holds: the switch that stops all payments, and holds of one invoice or client.

What is held is neither collected nor dunned. Whoever set a hold may lift it only a day later, and
the log says so; another person may at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from tallystick.cash.settling.booking import TURN
from tallystick.errors import Problem, Stop
from tallystick.four_eyes import ALONE_AFTER
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.books.control import PAYMENTS
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

ALONE: Final = "lifted alone, a day after it was set, as there is no second person"


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds what, since when, and why."""

    subject: str
    by: str
    since: datetime
    why: str


def hold(database: Database, subject: str, by: str, why: str, now: Callable[[], datetime]) -> Held:
    """Hold `payments`, an invoice by its number or a client by its ref.

    From the moment this returns nothing of it is begun; what was handed over before goes on.
    Raises `Stop` when it is held already, or there is no such thing.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        _known(connection, subject)
        if before := control.holds(connection).get(subject):
            raise Stop(
                f"{subject} is held already, by {before.by}: {before.reason}",
                do=f"Lift it with `tallystick hold {subject} --lift`.",
            )
        at = now()
        control.add(connection, "hold", subject, by, at, why)
    return Held(subject, by, at, why)


def lift(database: Database, subject: str, by: str, now: Callable[[], datetime]) -> bool:
    """Lift a hold; whether it was lifted alone, which is recorded.

    Raises `Stop` when it is not held, or was set by the same person less than a day ago.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        held = control.holds(connection).get(subject)
        if held is None:
            raise Stop(
                f"{subject} is not held.", do="`tallystick hold` without more lists what is held."
            )
        alone = bool(held.by == by)
        if alone and now() - held.at < ALONE_AFTER:
            raise Stop(
                f"{by} set the hold of {subject} less than 24 hours ago.",
                do="A second person lifts it (--as NAME); after a day you may alone.",
            )
        control.add(connection, "lift", subject, by, now(), ALONE if alone else "")
    return alone


def held_now(connection: Connection) -> list[Held]:
    """Everything that is held, the switch for all payments first."""
    found = control.holds(connection).values()
    in_order = sorted(found, key=lambda row: (row.subject != PAYMENTS, row.at))
    return [Held(row.subject, row.by, row.at, row.reason) for row in in_order]


def payments_stopped(connection: Connection) -> Problem | None:
    """The sentence for a run that must not move money now."""
    held = control.payments_held(connection)
    if held is None:
        return None
    return Problem(
        "all payments",
        f"They are held by {held.by}: {held.reason}",
        "A second person lifts it with `tallystick hold --lift`.",
    )


def is_invoice(connection: Connection, number: str) -> bool:
    known = select(invoice.c.number).where(invoice.c.number == number)
    return connection.execute(known).first() is not None


def _known(connection: Connection, subject: str) -> None:
    if subject == PAYMENTS or is_invoice(connection, subject):
        return
    owner = select(invoice.c.number).where(invoice.c.client == subject).limit(1)
    if connection.execute(owner).first() is None:
        raise Stop(
            f"{subject!r} is neither an invoice nor a client with one.",
            do="Write `payments`, an invoice's number or a client's reference such as psa:1001.",
        )
