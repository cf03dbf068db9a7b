"""Reminders in the store: which steps of dunning went out, and what is overdue.

A step of an invoice is a push to `e-mail` of kind `dunning` with the key `INV-1:2`. One that may
have arrived counts as sent; one that was refused does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select

from tallystick.store.billing import outbound as pushes
from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import attempt, settlement

TARGET: Final = "e-mail"
KIND: Final = "dunning"


def overdue(connection: Connection, states: Collection[str], today: date) -> list[Row[Any]]:
    """Invoices in `states` that are open after their due day, the oldest first."""
    return list(connection.execute(_OVERDUE, {"states": list(states), "today": today}))


def sent(connection: Connection) -> dict[str, list[datetime]]:
    """When the steps of each invoice went out, in their order."""
    rows = connection.execute(_SENT)
    found: dict[str, dict[int, datetime]] = {}
    for row in rows:
        number, _, ordinal = row.key.rpartition(":")
        found.setdefault(number, {})[int(ordinal)] = row.changed_at
    return {number: [steps[key] for key in sorted(steps)] for number, steps in found.items()}


def intend(connection: Connection, steps: Mapping[str, int], now: datetime) -> bool:
    """Note that these steps go out, by invoice; False, and nothing noted, when one of them did."""
    keys = [key_of(number, ordinal) for number, ordinal in steps.items()]
    known = {key: pushes.state_of(connection, TARGET, KIND, key) for key in keys}
    if any(row is not None and row.state != "refused" for row in known.values()):
        return False
    for key, row in known.items():
        begin = pushes.intend if row is None else pushes.intend_again
        begin(connection, TARGET, KIND, key, now)
    return True


def note(
    connection: Connection, steps: Mapping[str, int], state: str, now: datetime, reason: str
) -> None:
    for number, ordinal in steps.items():
        key = key_of(number, ordinal)
        pushes.change(connection, TARGET, KIND, key, state, now, reason=reason)


def left_behind(connection: Connection, before: datetime) -> dict[str, datetime]:
    """The steps noted `before` of which nobody ever said what became of them: when, by key."""
    rows = connection.execute(_LEFT_BEHIND, {"before": before})
    return {row.key: row.changed_at for row in rows}


def key_of(number: str, ordinal: int) -> str:
    return f"{number}:{ordinal}"


def disputed(connection: Connection) -> set[str]:
    """Invoices whose payment is disputed."""
    return set(connection.execute(_DISPUTED).scalars())


def payments(
    connection: Connection, numbers: Collection[str]
) -> dict[str, Sequence[tuple[date, int]]]:
    """What was settled of each invoice, day by day, in minor units."""
    if not numbers:
        return {}
    rows = connection.execute(_PAYMENTS, {"numbers": list(numbers)})
    found: dict[str, list[tuple[date, int]]] = {}
    for number, day, minor in rows:
        found.setdefault(str(number), []).append((day, int(minor)))
    return dict(found)


_OVERDUE = (
    select(invoice)
    .where(
        invoice.c.state.in_(many("states")),
        invoice.c.gross_minor > invoice.c.settled_minor,
        invoice.c.due_on < bindparam("today"),
    )
    .order_by(invoice.c.due_on, invoice.c.number)
)
_STEPS = select(outbound.c.key, outbound.c.changed_at).where(
    outbound.c.connection == TARGET, outbound.c.kind == KIND
)
_SENT = _STEPS.where(outbound.c.state != "refused")
_LEFT_BEHIND = _STEPS.where(
    outbound.c.state == "intended", outbound.c.changed_at < bindparam("before")
).order_by(outbound.c.key)
_DISPUTED = select(attempt.c.invoice).where(attempt.c.state == "disputed")
_PAYMENTS = (
    select(settlement.c.invoice, settlement.c.booked_on, func.sum(settlement.c.amount_minor))
    .where(settlement.c.invoice.in_(many("numbers")))
    .group_by(settlement.c.invoice, settlement.c.booked_on)
    .order_by(settlement.c.invoice, settlement.c.booked_on)
)
