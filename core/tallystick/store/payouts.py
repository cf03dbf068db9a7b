"""Payouts in the store: which a provider told of, and movements that may be halves of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from tallystick.records import BankTransaction
from tallystick.store.facts import record_of
from tallystick.store.settlements import Movement, bank_transaction


def records_of(
    connection: Connection, movements: Collection[Movement]
) -> dict[Movement, BankTransaction]:
    """Movements as their banks tell them now."""
    ids: dict[str, list[str]] = {}
    for source, ref in movements:
        ids.setdefault(source, []).append(ref)
    table = bank_transaction
    return {
        Movement(row.connection, row.id): record_of(row, BankTransaction)
        for source, refs in ids.items()
        for row in connection.execute(
            select(table).where(table.c.connection == source, table.c.id.in_(refs))
        )
    }


def payouts(connection: Connection, providers: Collection[str]) -> dict[str, set[str]]:
    """The ids of the payouts seen on the accounts of `providers`."""
    statement = select(bank_transaction.c.connection, bank_transaction.c.payout).where(
        bank_transaction.c.connection.in_(providers), bank_transaction.c.payout.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.connection, set()).add(row.payout)
    return found
