"""Payouts in the store: which a provider told of, and movements that may be halves of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from tallystick.records import BankTransaction
from tallystick.store.binding import many
from tallystick.store.cash.settlements import Movement, bank_transaction
from tallystick.store.facts.records import record_of


def records_of(
    connection: Connection, movements: Collection[Movement]
) -> dict[Movement, BankTransaction]:
    """Movements as their banks tell them now."""
    ids: dict[str, list[str]] = {}
    for source, ref in movements:
        ids.setdefault(source, []).append(ref)
    return {
        Movement(row.connection, row.id): record_of(row, BankTransaction)
        for source, refs in ids.items()
        for row in connection.execute(_RECORDS_OF, {"source": source, "refs": refs})
    }


def payouts(connection: Connection, providers: Collection[str]) -> dict[str, set[str]]:
    """The ids of the payouts seen on the accounts of `providers`."""
    found: dict[str, set[str]] = {}
    if not providers:
        return found
    for row in connection.execute(_PAYOUTS, {"providers": list(providers)}):
        found.setdefault(row.connection, set()).add(row.payout)
    return found


table = bank_transaction.c
_RECORDS_OF = select(bank_transaction).where(
    table.connection == bindparam("source"), table.id.in_(many("refs"))
)
_PAYOUTS = select(table.connection, table.payout).where(
    table.connection.in_(many("providers")), table.payout.is_not(None)
)
