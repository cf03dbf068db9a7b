"""Finding payment attempts the engine has to look after, and beginning to send one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from tallystick.store.ledger_schema import attempt, invoice


def attempts_to_ask(
    connection: Connection, states: Collection[str], until: datetime
) -> list[Row[Any]]:
    """The attempts in `states` whose collector is to be asked by `until`, each with its client;
    the longest waiting first."""
    table = attempt
    columns = (table.c.key, table.c.batch, table.c.connection, table.c.state, table.c.ask_at)
    statement = (
        select(*columns, invoice.c.client)
        .join(invoice, invoice.c.number == table.c.invoice)
        .where(table.c.ask_at <= until, table.c.state.in_(states))
        .order_by(table.c.ask_at, table.c.key)
    )
    return list(connection.execute(statement))


def begin_sending(connection: Connection, batch: str, ask_at: datetime) -> bool:
    """Take a batch of which nothing was ever sent, to send it; False when somebody took it.

    Until its `ask_at` nobody asks after it. One that is due from the moment it was intended
    was not begun: whoever begins to send moves that moment first, in a transaction of its own.
    """
    unsent = (attempt.c.state == "intended", attempt.c.ask_at == attempt.c.intended_at)
    done = connection.execute(
        update(attempt).where(attempt.c.batch == batch, *unsent).values(ask_at=ask_at)
    )
    return bool(done.rowcount)
