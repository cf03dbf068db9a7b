"""Payouts in the store: which a provider told of, and movements that may be halves of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from tallystick.records import BankTransaction
from tallystick.store.facts import record_of
from tallystick.store.settlements import Movement, bank_transaction


def movement_record(connection: Connection, movement: Movement) -> BankTransaction:
    """A movement as its bank tells it now."""
    table = bank_transaction
    mine = (table.c.connection == movement.connection, table.c.id == movement.id)
    return record_of(connection.execute(select(table).where(*mine)).one(), BankTransaction)


def payouts(connection: Connection, providers: Collection[str]) -> dict[str, set[str]]:
    """The ids of the payouts seen on the accounts of `providers`."""
    statement = select(bank_transaction.c.connection, bank_transaction.c.payout).where(
        bank_transaction.c.connection.in_(providers), bank_transaction.c.payout.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.connection, set()).add(row.payout)
    return found
