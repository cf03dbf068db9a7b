"""Disputes in the store, as the provider that collected tells them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from tallystick.money import Money
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.facts.schema import FACTS

table = FACTS["dispute"]


class Disputed(NamedTuple):
    """A dispute of the collection `attempt`. One of another connection than collected says
    nothing, whatever key it names."""

    id: str
    connection: str
    attempt: str
    invoice: str
    amount: Money
    state: str
    reason: str
    opened_on: date
    evidence_due_on: date | None


def disputes(connection: Connection, keys: Collection[str] | None = None) -> list[Disputed]:
    """The disputes of the collections `keys`, or of all, the oldest first."""
    if keys is None:
        rows = connection.execute(_ALL)
    elif keys:
        rows = connection.execute(_OF, {"keys": list(keys)})
    else:
        return []
    return [
        Disputed(
            row.id,
            row.connection,
            row.attempt,
            row.invoice,
            Money.exact(row.amount, row.currency),
            row.state,
            row.reason,
            row.opened_on,
            row.evidence_due_on,
        )
        for row in rows
    ]


_ALL = (
    select(table, attempt.c.invoice)
    .join(
        attempt,
        (attempt.c.key == table.c.attempt) & (attempt.c.connection == table.c.connection),
    )
    .order_by(table.c.opened_on, table.c.id)
)
_OF = _ALL.where(table.c.attempt.in_(many("keys")))
