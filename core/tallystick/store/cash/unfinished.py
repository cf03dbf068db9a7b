"""Finding payment attempts the engine has to look after, and beginning to send one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from tallystick.store.billing.schema import invoice
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import attempt


def attempts_to_ask(
    connection: Connection, states: Collection[str], until: datetime
) -> list[Row[Any]]:
    """The attempts in `states` whose collector is to be asked by `until`, each with its client;
    the longest waiting first."""
    return list(connection.execute(_TO_ASK, {"states": list(states), "until": until}))


def begin_sending(connection: Connection, batch: str, ask_at: datetime) -> bool:
    """Take a batch of which nothing was ever sent, to send it; False when somebody took it.

    Until its `ask_at` nobody asks after it. One that is due from the moment it was intended
    was not begun: whoever begins to send moves that moment first, in a transaction of its own.
    """
    done = connection.execute(_BEGIN_SENDING, {"of_batch": batch, "ask_at": ask_at})
    return bool(done.rowcount)


table = attempt.c
_TO_ASK = (
    select(table.key, table.batch, table.connection, table.state, table.ask_at, invoice.c.client)
    .join(invoice, invoice.c.number == table.invoice)
    .where(table.ask_at <= bindparam("until"), table.state.in_(many("states")))
    .order_by(table.ask_at, table.key)
)
_BEGIN_SENDING = update(attempt).where(
    table.batch == bindparam("of_batch"),
    table.state == "intended",
    table.ask_at == table.intended_at,
)
