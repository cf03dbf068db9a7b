"""The journal in the store: append-only, every source once, every entry sealed to the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from tallystick.books.chain import Head, seal
from tallystick.books.closing import in_open_period
from tallystick.books.entries import DEFERRED, Entry
from tallystick.books.recognition import Key, Recognised
from tallystick.money import Money
from tallystick.store.binding import many
from tallystick.store.books.periods import open_from
from tallystick.store.books.schema import entry, posting
from tallystick.store.books.sealed import head_of, move_head, written
from tallystick.store.profit import cells
from tallystick.store.turn import take_turn

TURN = "journal"
"""Whoever adds to the journal, or closes a period of it, waits for this turn."""
ASKED_MAX = 500


def record(connection: Connection, entries: Iterable[Entry], now: datetime) -> int:
    """Append the entries whose source is new, those of a closed period to the first open month;
    returns how many that were."""
    wanted: dict[str, Entry] = {}
    for one in entries:
        wanted.setdefault(one.source, one)
    if not wanted:
        return 0
    take_turn(connection, TURN)
    for source in _known(connection, list(wanted)):
        del wanted[source]
    opened = open_from(connection)
    before = head = head_of(connection, "journal")
    own: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    recorded = [in_open_period(told, opened) for told in wanted.values()]
    for one in recorded:
        head = _add(one, head, now, own, legs)
    if own:
        connection.execute(insert(entry), own)
        connection.execute(insert(posting), legs)
        move_head(connection, "journal", before, head)
        cells.add_revenue(connection, recorded)
    return len(own)


def _known(connection: Connection, sources: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(sources), ASKED_MAX):
        asked = {"sources": list(sources[start : start + ASKED_MAX])}
        yield from connection.execute(_KNOWN, asked).scalars()


def _add(
    one: Entry, head: Head, now: datetime, own: list[dict[str, Any]], legs: list[dict[str, Any]]
) -> Head:
    """The rows of an entry put behind those of the ones before it; the new end of the chain."""
    row = {
        "id": head.length + 1,
        "source": one.source,
        "booked_on": one.booked_on,
        "belongs_on": one.belongs_on,
        "narration": one.narration,
        "recorded_at": now,
    }
    postings = [
        {
            "position": position,
            "account": line.account,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
            "client": line.client,
            "contract": line.contract,
            "line": line.line,
            "service_month": line.service_month,
            "reported_in": line.reported_in,
        }
        for position, line in enumerate(one.postings, 1)
    ]
    content = [
        *map(written, row.values()),
        [[written(value) for value in leg.values()] for leg in postings],
    ]
    sealed = seal(head.hash, content)
    own.append({**row, "hash": sealed})
    legs += ({"entry": row["id"], **leg} for leg in postings)
    return Head(head.length + 1, sealed)


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


def trial_balance(
    connection: Connection, until: date | None = None, account: str | None = None
) -> list[Row[Any]]:
    """Account, currency and balance in minor units (debit positive), in account order; of one
    `account` if given."""
    statement = (
        select(
            posting.c.account,
            posting.c.currency,
            func.sum(posting.c.amount_minor).label("balance_minor"),
        )
        .group_by(posting.c.account, posting.c.currency)
        .order_by(posting.c.account, posting.c.currency)
    )
    if until is not None:
        dated = statement.join(entry, entry.c.id == posting.c.entry)
        statement = dated.where(entry.c.booked_on < until)
    if account is not None:
        statement = statement.where(posting.c.account == account)
    return list(connection.execute(statement))


def balances(connection: Connection) -> dict[tuple[str, str], int]:
    """What stands on each account in minor units (debit positive), by account and currency."""
    return {
        (row.account, row.currency): int(row.balance_minor) for row in trial_balance(connection)
    }


_KNOWN = select(entry.c.source).where(entry.c.source.in_(many("sources")))
