"""Storing what a connection delivered: only rows that really changed cost a write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.records import Record
from tallystick.store import fact_rows
from tallystick.store.columns import instant_text
from tallystick.store.fact_rows import Column
from tallystick.store.facts_schema import FACTS, cursor, quarantine

Keep = Callable[[Connection, str, str, Sequence[str]], AbstractContextManager[None]]
"""Keeps what is derived from facts up to date (`tallystick.store.keeping`); it is given the
connection's name, the kind and the ids that change."""


def keep_nothing(*_: object) -> AbstractContextManager[None]:
    return nullcontext()


_encoder = msgspec.json.Encoder()
_DIGEST_BYTES = 16
_TOGETHER = 1000


class Stored(NamedTuple):
    """What became of delivered records: `older` ones lost to a newer version already here."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0

    def __add__(self, other: tuple[Any, ...]) -> Stored:
        return Stored(*(a + b for a, b in zip(self, other, strict=True)))


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


def digest(value: object) -> str:
    """A short content hash of plain values, the same on every machine and day."""
    return hashlib.blake2b(_encoder.encode(value), digest_size=_DIGEST_BYTES).hexdigest()


def _digests(columns: Sequence[Column]) -> list[str]:
    """The `digest` of each row; a thousand are encoded by one call, a row a line."""
    empty = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    rows = zip(*columns, strict=True)
    found = []
    while lines := _encoder.encode_lines(islice(rows, _TOGETHER)).splitlines():
        for line in lines:
            one = empty.copy()
            one.update(line)
            found.append(one.hexdigest())
    return found


def store_records(
    connection: Connection,
    source: str,
    kind: str,
    records: Sequence[Record],
    now: datetime,
    keep: Keep = keep_nothing,
) -> Stored:
    """Insert new records and update changed ones of one `kind` of connection `source`; `keep` is
    entered round the change with the ids of both."""
    columns = [*zip(*map(msgspec.structs.astuple, records), strict=True)]
    return store_columns(connection, source, kind, columns, now, keep)


def store_columns(
    connection: Connection,
    source: str,
    kind: str,
    columns: Sequence[Column],
    now: datetime,
    keep: Keep = keep_nothing,
) -> Stored:
    """As `store_records`, of records as the columns of their fields, in the order of the kind's.

    No row is made of them all at once: thousands of tuples would be walked by Python's collector
    again and again, which takes longer than to write them.
    """
    if not columns or not columns[0]:
        return Stored()
    fields = newest(fact_rows.stored_form(kind, columns))
    ids, versions, updates = fields[:3]
    hashes = _digests(fields)
    known = fact_rows.hashes(connection, source, kind, ids)
    new = [at for at, ref in enumerate(ids) if ref not in known] if known else range(len(ids))
    found = [(at, known[ref]) for at, ref in enumerate(ids) if ref in known] if known else []
    differ = [at for at, was in found if was != hashes[at]]
    ages = fact_rows.ages(connection, source, kind, [ids[at] for at in differ]) if differ else {}
    changed = [at for at in differ if _age(versions[at], updates[at]) >= _age(*ages[ids[at]])]
    rows = [[source] * len(ids), *fields, hashes, [instant_text(now)] * len(ids)]
    with keep(connection, source, kind, [ids[at] for at in (*new, *changed)]):
        if new:
            fact_rows.insert(connection, kind, _take(rows, new))
        if changed:
            fact_rows.update(connection, kind, _take(rows, changed))
    older = len(columns[0]) - len(ids) + len(differ) - len(changed)
    return Stored(len(new), len(changed), len(found) - len(differ), older)


def newest(columns: Sequence[Column]) -> Sequence[Column]:
    """One row per id: the highest (version, updated_at), the later of equals."""
    ids, versions, updates = columns[:3]
    if len(set(ids)) == len(ids):
        return columns
    best: dict[str, int] = {}
    for at, ref in enumerate(ids):
        seen = best.get(ref)
        if seen is None or _age(versions[at], updates[at]) >= _age(versions[seen], updates[seen]):
            best[ref] = at
    return _take(columns, [*best.values()])


def _take(columns: Sequence[Column], wanted: Sequence[int]) -> Sequence[Column]:
    if len(wanted) == len(columns[0]):
        return columns
    return [[column[at] for at in wanted] for column in columns]


def _age(version: int, updated_at: str | None) -> tuple[int, str]:
    return version, updated_at or ""


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


def read_cursor(connection: Connection, source: str, kind: str, mapping_hash: str) -> str | None:
    """The stored token; None when there is none or the mapping changed since, so that every
    row is read again under the new mapping."""
    row = connection.execute(_CURSOR, {"source": source, "of_kind": kind}).first()
    return row.token if row is not None and row.mapping_hash == mapping_hash else None


def move_cursor(
    connection: Connection, source: str, kind: str, token: str, mapping_hash: str
) -> None:
    """Set the token, in the transaction that stored the rows before it."""
    moved = {"connection": source, "kind": kind, "token": token, "mapping_hash": mapping_hash}
    connection.execute(_MOVE[connection.dialect.name], moved)


_OPEN_QUARANTINE = select(quarantine.c.id, quarantine.c.place).where(
    quarantine.c.connection == bindparam("source"),
    quarantine.c.kind == bindparam("of_kind"),
    quarantine.c.state == "open",
)
_OF_FEED = (cursor.c.connection == bindparam("source")) & (cursor.c.kind == bindparam("of_kind"))
_CURSOR = select(cursor.c.token, cursor.c.mapping_hash).where(_OF_FEED)
_MOVE = {
    name: put.on_conflict_do_update(
        index_elements=["connection", "kind"],
        set_={one: put.excluded[one] for one in ("token", "mapping_hash")},
    )
    for name, put in (("sqlite", sqlite.insert(cursor)), ("postgresql", postgresql.insert(cursor)))
}
