"""Storing what a connection delivered: only rows that really changed cost a write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from tallystick.records import Record
from tallystick.store.columns import instant_text
from tallystick.store.facts import rows as fact_rows
from tallystick.store.facts.digests import digests
from tallystick.store.facts.rows import Column

Keep = Callable[[Connection, str, str, Sequence[str]], AbstractContextManager[None]]
"""Keeps what is derived from facts up to date (`tallystick.store.profit.keeping`); it is given the
connection's name, the kind and the ids that change."""


def keep_nothing(*_: object) -> AbstractContextManager[None]:
    return nullcontext()


class Stored(NamedTuple):
    """What became of delivered records: `older` ones lost to a newer version already here."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0

    def __add__(self, other: tuple[Any, ...]) -> Stored:
        return Stored(*(a + b for a, b in zip(self, other, strict=True)))


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
    hashes = digests(fields)
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
