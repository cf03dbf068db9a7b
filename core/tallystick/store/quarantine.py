"""Reading the quarantine: what waits, and whose billing it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.store.facts_schema import FACTS, link, quarantine


def waiting(connection: Connection) -> list[Row[Any]]:
    """Open quarantine rows, by connection, kind and place."""
    table = quarantine
    return list(
        connection.execute(
            select(table)
            .where(table.c.state == "open")
            .order_by(table.c.connection, table.c.kind, table.c.place)
        )
    )


def count_by_client(connection: Connection, homes: Mapping[str, str]) -> Counter[str]:
    """Open rows per client ref, as far as a row or its stored older version names one."""
    counts: Counter[str] = Counter()
    for row in waiting(connection):
        client = _client_of(connection, row, homes)
        if client is not None:
            counts[client] += 1
    return counts


def _client_of(connection: Connection, row: Row[Any], homes: Mapping[str, str]) -> str | None:
    source = row.connection
    client = row.id if row.kind == "client" else row.refs.get("client")
    for kind, ref in ((row.kind, row.id), *row.refs.items()):
        if client is None and kind in FACTS and "client" in FACTS[kind].c:
            table = FACTS[kind]
            client = connection.execute(
                select(table.c.client).where(table.c.connection == source, table.c.id == ref)
            ).scalar()
    if client is None:
        return None
    if source == homes.get("client"):
        return f"{source}:{client}"
    linked = connection.execute(
        select(link.c.home_connection, link.c.home_id).where(
            link.c.kind == "client", link.c.connection == source, link.c.id == client
        )
    ).first()
    return f"{linked.home_connection}:{linked.home_id}" if linked else None
