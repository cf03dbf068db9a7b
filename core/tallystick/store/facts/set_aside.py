"""Setting aside: rows that cannot be used wait in quarantine until they are read well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from tallystick.store.facts.digests import digest
from tallystick.store.facts.schema import FACTS, quarantine


class SetAside(NamedTuple):
    """A row that cannot be used, with everything needed to correct and retry it."""

    id: str
    version: int
    place: str
    what: str
    do: str
    raw: dict[str, Any]
    refs: dict[str, str]

    @property
    def raw_hash(self) -> str:
        return digest((self.raw, self.what))


def set_aside(
    connection: Connection, source: str, kind: str, rows: Sequence[SetAside], now: datetime
) -> int:
    """Quarantine rows; one that is already there with the same reason is not written again."""
    table = quarantine
    best = {row.raw_hash: row for row in rows}
    known = set(
        connection.execute(
            select(table.c.raw_hash).where(
                table.c.connection == source,
                table.c.kind == kind,
                table.c.raw_hash.in_(list(best)),
            )
        ).scalars()
    )
    fresh = [
        row._asdict()
        | {
            "connection": source,
            "kind": kind,
            "raw_hash": raw_hash,
            "state": "open",
            "quarantined_at": now,
        }
        for raw_hash, row in best.items()
        if raw_hash not in known
    ]
    if fresh:
        connection.execute(insert(table), fresh)
    return len(fresh)


def heal(
    connection: Connection, source: str, kind: str, read_well: set[str], set_aside_now: set[str]
) -> int:
    """Close quarantined rows whose record has since been read well, or is newer in the store.

    `read_well` are ids and places of good rows of this pull, `set_aside_now` the raw hashes
    quarantined (again) by it. Returns how many were closed.
    """
    table = quarantine
    facts = FACTS[kind]
    rows = connection.execute(
        select(table.c.raw_hash, table.c.id, table.c.place, facts.c.version, table.c.version)
        .join_from(
            table,
            facts,
            (facts.c.connection == table.c.connection) & (facts.c.id == table.c.id),
            isouter=True,
        )
        .where(table.c.connection == source, table.c.kind == kind, table.c.state == "open")
    ).all()
    closed = [
        raw_hash
        for raw_hash, ref, place, stored_version, version in rows
        if (stored_version is not None and stored_version > version)
        or (raw_hash not in set_aside_now and (ref in read_well or place in read_well))
    ]
    if closed:
        connection.execute(
            update(table)
            .where(table.c.connection == source, table.c.kind == kind)
            .where(table.c.raw_hash.in_(closed))
            .values(state="superseded")
        )
    return len(closed)


def open_quarantine_keys(connection: Connection, source: str, kind: str) -> set[str]:
    """Ids and places of the rows that wait in quarantine: reading one well may close it."""
    rows = connection.execute(_OPEN_QUARANTINE, {"source": source, "of_kind": kind})
    return {key for row in rows for key in row}


_OPEN_QUARANTINE = select(quarantine.c.id, quarantine.c.place).where(
    quarantine.c.connection == bindparam("source"),
    quarantine.c.kind == bindparam("of_kind"),
    quarantine.c.state == "open",
)
