"""Flows in the store: both sides of every record that flows, and what was pushed of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from tallystick.records import KINDS, Record
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS, link
from tallystick.store.flow_schema import flowed

REFERENCES = ("client", "ticket", "contract", "asset", "technician")
"""Fields that name a record of their own kind at the same connection."""

Ref = tuple[str, str]
"""Connection and id."""


def records_at(connection: Connection, kind: str, source: str) -> dict[str, Record]:
    table = FACTS[kind]
    rows = connection.execute(
        select(table).where(table.c.connection == source).order_by(table.c.id)
    )
    return {row.id: record_of(row, KINDS[kind]) for row in rows}


def homes_of(connection: Connection, kind: str) -> dict[Ref, Ref]:
    """The home record of every copy of a kind."""
    rows = connection.execute(select(link).where(link.c.kind == kind))
    return {(row.connection, row.id): (row.home_connection, row.home_id) for row in rows}


def ids_at(connection: Connection, kind: str, target: str) -> dict[Ref, str]:
    """What `target` calls each thing of a kind, by its home record, or by itself where it is no
    copy."""
    homes = homes_of(connection, kind)
    ids = connection.execute(
        select(FACTS[kind].c.id).where(FACTS[kind].c.connection == target)
    ).scalars()
    return {homes.get((target, one), (target, one)): one for one in ids}


def pushed(connection: Connection, kind: str, source: str, target: str) -> dict[str, Any]:
    """What went over of each record of `source`, by its id: the target's id and the values."""
    rows = connection.execute(
        select(flowed).where(
            flowed.c.kind == kind, flowed.c.source == source, flowed.c.target == target
        )
    )
    return {row.source_id: row for row in rows}


def note(
    connection: Connection,
    kind: str,
    source: Ref,
    target: Ref,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """Note that the target has these values of a record, beside those it was given before."""
    key = {"kind": kind, "source": source[0], "source_id": source[1], "target": target[0]}
    mine = [flowed.c[name] == value for name, value in key.items()]
    before = connection.execute(select(flowed.c.pushed).where(*mine)).scalar() or {}
    connection.execute(delete(flowed).where(*mine))
    plain = {**before, **msgspec.to_builtins(dict(values))}
    connection.execute(
        insert(flowed).values(**key, target_id=target[1], pushed=plain, pushed_at=now)
    )
