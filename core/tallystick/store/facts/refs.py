"""Rows by their refs, `connection:id`, one connection at a time as the primary keys are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, select

from tallystick.store.binding import many
from tallystick.store.streams import chunks

CHUNK = 5000


def rows_of(
    connection: Connection, table: Table, refs: Iterable[str], *names: str
) -> Iterator[tuple[str, Row[Any]]]:
    """The rows of `table` that there are of `refs`, each with its ref: the columns `names`, or all.
    What names no connection is no ref."""
    asked = _asked(table, names)
    ids: dict[str, list[str]] = {}
    for ref in sorted(set(refs)):
        source, colon, external_id = ref.partition(":")
        if colon:
            ids.setdefault(source, []).append(external_id)
    for source, own in ids.items():
        for some in chunks(own, CHUNK):
            for row in connection.execute(asked, {"source": source, "ids": some}):
                yield f"{source}:{row.id}", row


@cache
def _asked(table: Table, names: tuple[str, ...]) -> Select[Any]:
    columns = [table.c.id, *(table.c[name] for name in names)] if names else [table]
    here = (table.c.connection == bindparam("source"), table.c.id.in_(many("ids")))
    return select(*columns).where(*here)
