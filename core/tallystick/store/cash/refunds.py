"""Refunds in the store: asked for, let go, sent, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.cash.provider_schema import refund

NOTHING_GIVEN: tuple[str, ...] = ("refused", "failed", "cancelled")
"""States in which a refund gives nothing back."""


def add(connection: Connection, source: str, **values: Any) -> None:
    """Note a refund through connection `source`."""
    connection.execute(insert(refund).values(connection=source, **values))


def by_key(connection: Connection, key: str, *, to_change: bool = False) -> Row[Any] | None:
    return connection.execute(_TO_CHANGE if to_change else _BY_KEY, {"key": key}).first()


def of_keys(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    """Those of `keys` that are refunds."""
    return list(connection.execute(select(refund).where(refund.c.key.in_(keys)))) if keys else []


def key_of(connection: Connection, source: str, vendor_ref: str) -> str | None:
    """The key of the refund that connection `source` calls `vendor_ref`."""
    statement = select(refund.c.key).where(
        refund.c.connection == source, refund.c.vendor_ref == vendor_ref
    )
    return connection.execute(statement).scalars().first()


def of_attempts(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    """Every refund of what the attempts `keys` collected, in the order they were asked for."""
    statement = select(refund).where(refund.c.attempt.in_(keys))
    return list(connection.execute(statement.order_by(refund.c.asked_at, refund.c.key)))


def listed(connection: Connection) -> list[Row[Any]]:
    """Every refund with the invoice it gives back of, in the order they were asked for."""
    statement = select(refund, attempt.c.invoice).join(attempt, attempt.c.key == refund.c.attempt)
    return list(connection.execute(statement.order_by(refund.c.asked_at, refund.c.key)))


def given_back(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Those of the documents `numbers` of whose money some was given back, or will be."""
    if not numbers:
        return set()
    return set(connection.execute(_GIVEN_BACK, {"numbers": list(numbers)}).scalars())


def on_its_way(connection: Connection, number: str) -> int:
    """What refunds that settle the document `number` give back and no movement has shown yet, in
    minor units."""
    rows = connection.execute(_SETTLING, {"number": number}).all()
    told = shown(connection, [row.key for row in rows])
    return sum(row.amount_minor for row in rows if not told.get(row.key))


def to_ask(connection: Connection, until: datetime) -> list[Row[Any]]:
    """The refunds whose provider is to be asked, or that are to be sent, by `until`."""
    return list(connection.execute(_TO_ASK, {"until": until}))


def change(
    connection: Connection, key: str, states: Collection[str], now: datetime, **values: Any
) -> bool:
    """Note what became of a refund, if it is still in one of `states`; whether it was."""
    result = connection.execute(
        update(refund)
        .where(refund.c.key == key, refund.c.state.in_(states))
        .values(**values, changed_at=now)
    )
    return bool(result.rowcount)


def shown(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """What movements have shown of the refunds `keys`, in minor units, negative for money that
    went; 0 where it came back."""
    asked = list(keys)
    rows = connection.execute(_SHOWN, {"keys": asked}) if asked else ()
    return {row.refund: int(row.minor) for row in rows}


_BY_KEY = select(refund).where(refund.c.key == bindparam("key"))
_TO_CHANGE = _BY_KEY.with_for_update()
_GIVEN_BACK = (
    select(refund.c.settles)
    .where(refund.c.settles.in_(many("numbers")), refund.c.state.not_in(NOTHING_GIVEN))
    .distinct()
)
_SETTLING = select(refund).where(
    refund.c.settles == bindparam("number"), refund.c.state.not_in(NOTHING_GIVEN)
)
_TO_ASK = select(refund).where(refund.c.ask_at <= bindparam("until")).order_by(refund.c.ask_at)
_SHOWN = (
    select(settlement.c.refund, func.sum(settlement.c.amount_minor).label("minor"))
    .where(settlement.c.refund.in_(many("keys")))
    .group_by(settlement.c.refund)
)
