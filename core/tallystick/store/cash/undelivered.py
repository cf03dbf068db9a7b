"""Undelivered: the parts of movements that an accounting system has not confirmed yet."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    literal,
    select,
)

from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.books.schema import entry
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.cash.settlements import COLUMNS, Part

OTHER_SIDE = ":received"
"""What follows the source of a part where its bank's side goes to accounting by itself."""


def to_deliver(
    connection: Connection, target: str, only: str | None = None
) -> list[tuple[Part, str | None, str | None]]:
    """The parts that move money and that `target` has not confirmed, in booking order, each
    with the client and state of its invoice; of them `only` the one with that source. A part is
    dated as its entry is, which for a closed period is the first open day."""
    if only is None:
        rows = connection.execute(_TO_DELIVER, {"target": target})
    else:
        rows = connection.execute(_ONE, {"target": target, **_named(only)})
    found = [
        (
            Part._make(row[:-3])._replace(booked_on=row.dated or row.booked_on),
            row.client,
            row.state,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one[0].booked_on, *one[0][:3]))


def _named(source: str) -> dict[str, Any]:
    """The key of the part that `source_of` calls so; no connection has a colon in its name."""
    _, connection, rest = source.split(":", 2)
    ref, _, part = rest.rpartition(":")
    return {"source": connection, "ref": ref, "number": int(part)}


def _statement() -> Select[Any]:
    key = literal("bank:") + settlement.c.connection + ":" + settlement.c.bank_transaction
    source = key + ":" + cast(settlement.c.part, Text)
    converted = settlement.c.currency != settlement.c.moved_currency
    sides = (settlement.c.invoice.is_not(None) & ((settlement.c.fee_minor != 0) | converted)) | (
        settlement.c.against.is_not(None) & converted
    )

    def confirmed(told_as: ColumnElement[Any]) -> ColumnElement[bool]:
        return exists().where(
            outbound.c.connection == bindparam("target"),
            outbound.c.kind.in_(("payment", "entry")),
            outbound.c.key == told_as,
            outbound.c.state == "confirmed",
        )

    return (
        select(*COLUMNS, invoice.c.client, invoice.c.state, entry.c.booked_on.label("dated"))
        .join(invoice, invoice.c.number == settlement.c.invoice, isouter=True)
        .join(entry, entry.c.source == source, isouter=True)
        .where((settlement.c.amount_minor != 0) | (settlement.c.fee_minor != 0))
        .where(~confirmed(source) | (sides & ~confirmed(source + OTHER_SIDE)))
    )


_TO_DELIVER = _statement()
_ONE = _TO_DELIVER.where(
    settlement.c.connection == bindparam("source"),
    settlement.c.bank_transaction == bindparam("ref"),
    settlement.c.part == bindparam("number"),
)
