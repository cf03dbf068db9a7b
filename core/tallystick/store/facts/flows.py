"""Flows in the store: both sides of every record that flows, and what was pushed of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from tallystick.store.facts.flow_schema import flowed
from tallystick.store.facts.schema import FACTS

REFERENCES = ("client", "ticket", "contract", "asset", "technician")
"""Fields that name a record of their own kind at the same connection."""

Ref = tuple[str, str]
"""Connection and id."""


def ids_at(connection: Connection, kind: str, target: str) -> list[str]:
    """What `target` calls its records of a kind."""
    ids = select(FACTS[kind].c.id).where(FACTS[kind].c.connection == target)
    return list(connection.execute(ids).scalars())


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
