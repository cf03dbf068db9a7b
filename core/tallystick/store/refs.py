"""Rows by their refs, `connection:id`, one connection at a time as the primary keys are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from tallystick.store.streams import chunks

CHUNK = 5000


def rows_of(
    connection: Connection, table: Table, refs: Iterable[str], *names: str
) -> Iterator[tuple[str, Row[Any]]]:
    """The rows of `table` that there are of `refs`, each with its ref: the columns `names`, or all.
    What names no connection is no ref."""
    columns = [table.c.id, *(table.c[name] for name in names)] if names else [table]
    ids: dict[str, list[str]] = {}
    for ref in sorted(set(refs)):
        source, colon, external_id = ref.partition(":")
        if colon:
            ids.setdefault(source, []).append(external_id)
    for source, own in ids.items():
        for some in chunks(own, CHUNK):
            asked = select(*columns).where(table.c.connection == source, table.c.id.in_(some))
            for row in connection.execute(asked):
                yield f"{source}:{row.id}", row
