"""The log of who stopped, released or changed what in cash and contracts: a chain of its own, rows
only added.

hold, lift        nothing of `subject` is collected or paid back: `payments`, an invoice, a client
release           a second person lets an invoice be collected beyond a cap
caps              the caps of the configuration became others
refund, ...       money is given back: asked for, let go or refused; `subject` is its key
verdict           what a person says became of an attempt or refund that nobody can be asked about
quantity, ...     a line's quantity is to be what is counted: asked for, let go or refused
plan, plan_over   an invoice is paid in instalments, or is not any more
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from tallystick.books.chain import Head, seal
from tallystick.store.binding import many
from tallystick.store.books.schema import control_event
from tallystick.store.books.sealed import head_of, move_head, written
from tallystick.store.turn import take_turn

Kind = Literal[
    "hold",
    "lift",
    "release",
    "caps",
    "plan",
    "plan_over",
    "refund",
    "refund_approved",
    "refund_refused",
    "verdict",
    "quantity",
    "quantity_approved",
    "quantity_refused",
]
PAYMENTS: Final = "payments"
"""The subject of the switch that stops all money."""
TURN: Final = "control"


def add(
    connection: Connection,
    kind: Kind,
    subject: str,
    by: str,
    at: datetime,
    reason: str,
    detail: object = (),
) -> None:
    """Append one event; `detail` is what JSON can say."""
    take_turn(connection, TURN)
    before = head_of(connection, "control")
    row = {
        "id": before.length + 1,
        "kind": kind,
        "subject": subject,
        "by": by,
        "at": at,
        "reason": reason,
        "detail": msgspec.json.encode(detail).decode(),
    }
    sealed = seal(before.hash, [written(value) for value in row.values()])
    connection.execute(insert(control_event).values({**row, "detail": detail, "hash": sealed}))
    move_head(connection, "control", before, Head(before.length + 1, sealed))


def events(connection: Connection) -> list[Row[Any]]:
    """Everything, the oldest first."""
    return list(connection.execute(select(control_event).order_by(control_event.c.id)))


def latest(connection: Connection, *kinds: Kind) -> dict[str, Row[Any]]:
    """The last event among `kinds` of each subject that has one."""
    return {row.subject: row for row in connection.execute(_LATEST, {"kinds": kinds})}


def holds(connection: Connection) -> dict[str, Row[Any]]:
    """What is held now, by subject."""
    found = latest(connection, "hold", "lift")
    return {subject: row for subject, row in found.items() if row.kind == "hold"}


def held_among(connection: Connection, *subjects: str) -> Row[Any] | None:
    """The hold on all payments, or on one of `subjects`, if there is one."""
    found = holds(connection)
    return next((found[one] for one in (PAYMENTS, *subjects) if one in found), None)


def payments_held(connection: Connection) -> Row[Any] | None:
    """The hold on all payments, if there is one. To be asked in the transaction that commits an
    intent, and again right before anything is sent."""
    return holds(connection).get(PAYMENTS)


_LAST = (
    select(func.max(control_event.c.id))
    .where(control_event.c.kind.in_(many("kinds")))
    .group_by(control_event.c.subject)
)
_LATEST = select(control_event).where(control_event.c.id.in_(_LAST))
