"""The journal in the store: append-only, every source once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from tallystick.books.entries import DEFERRED, Entry
from tallystick.books.recognition import Key, Recognised
from tallystick.money import Money
from tallystick.store.ledger_schema import entry, posting


def record(connection: Connection, entries: Iterable[Entry], now: datetime) -> int:
    """Append the entries whose source is new; returns how many that were."""
    count = 0
    for one in entries:
        known = select(entry.c.id).where(entry.c.source == one.source)
        if connection.execute(known).first() is not None:
            continue
        result = connection.execute(
            insert(entry).values(
                source=one.source,
                booked_on=one.booked_on,
                narration=one.narration,
                recorded_at=now,
            )
        )
        [entry_id] = result.inserted_primary_key or [None]
        connection.execute(
            insert(posting),
            [
                {
                    "entry": entry_id,
                    "position": position,
                    "account": line.account,
                    "amount_minor": line.amount.minor,
                    "currency": line.amount.currency,
                    "client": line.client,
                    "contract": line.contract,
                    "line": line.line,
                    "service_month": line.service_month,
                }
                for position, line in enumerate(one.postings, 1)
            ],
        )
        count += 1
    return count


def recognised(connection: Connection, client: str) -> dict[Key, Recognised]:
    """What recognition entries say so far, by contract, line and service month."""
    statement = (
        select(
            posting.c.contract,
            posting.c.line,
            posting.c.service_month,
            posting.c.currency,
            func.min(posting.c.account).label("account"),
            func.sum(-posting.c.amount_minor).label("amount_minor"),
            func.count(posting.c.entry.distinct()).label("entries"),
        )
        .join(entry, entry.c.id == posting.c.entry)
        .where(entry.c.source.startswith("recognise:"), posting.c.client == client)
        .where(posting.c.account != DEFERRED)
        .group_by(posting.c.contract, posting.c.line, posting.c.service_month, posting.c.currency)
    )
    return {
        (row.contract, row.line, row.service_month): Recognised(
            Money(int(row.amount_minor), row.currency), row.entries, row.account
        )
        for row in connection.execute(statement)
    }


def trial_balance(connection: Connection, until: date | None = None) -> list[Row[Any]]:
    """Account, currency and balance in minor units (debit positive), in account order."""
    statement = (
        select(
            posting.c.account,
            posting.c.currency,
            func.sum(posting.c.amount_minor).label("balance_minor"),
        )
        .join(entry, entry.c.id == posting.c.entry)
        .group_by(posting.c.account, posting.c.currency)
        .order_by(posting.c.account, posting.c.currency)
    )
    if until is not None:
        statement = statement.where(entry.c.booked_on < until)
    return list(connection.execute(statement))
