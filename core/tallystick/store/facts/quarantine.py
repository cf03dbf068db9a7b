"""Reading the quarantine: what waits, and whose billing it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.store.facts.schema import FACTS, link, quarantine

OWNERS = ("client", "contract", "ticket")
WAITING = (
    select(quarantine)
    .where(quarantine.c.state == "open")
    .order_by(quarantine.c.connection, quarantine.c.kind, quarantine.c.place)
)


def waiting(connection: Connection) -> list[Row[Any]]:
    """Open quarantine rows, by connection, kind and place."""
    return list(connection.execute(WAITING))


def count_by_client(
    connection: Connection, homes: Mapping[str, str], kind: str | None = None
) -> Counter[str]:
    """Open rows per client ref, as far as a row or its stored older version names one; of one
    `kind` at home, or of all."""
    counts: Counter[str] = Counter()
    for row in waiting(connection):
        if kind is not None and (row.kind, row.connection) != (kind, homes.get(kind)):
            continue
        client = _client_of(connection, row, homes)
        if client is not None:
            counts[client] += 1
    return counts


def _client_of(connection: Connection, row: Row[Any], homes: Mapping[str, str]) -> str | None:
    source = row.connection
    client = row.id if row.kind == "client" else _named(connection, source, row.refs)
    if client is None and (older := _stored(connection, source, row.kind, row.id)) is not None:
        client = _named(connection, source, {name: getattr(older, name, None) for name in OWNERS})
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


def _named(connection: Connection, source: str, refs: Mapping[str, str | None]) -> str | None:
    """The client by the rule of `tallystick.store.facts.owners`: a contract's before one
    named itself."""
    ticket = _stored(connection, source, "ticket", refs.get("ticket"))
    of_ticket = (ticket.contract, ticket.client) if ticket is not None else (None, None)
    agreed = _stored(connection, source, "contract", refs.get("contract") or of_ticket[0])
    own: str | None = refs.get("client") or of_ticket[1]
    return agreed.client if agreed is not None else own


def _stored(connection: Connection, source: str, kind: str, ref: str | None) -> Row[Any] | None:
    if ref is None or kind not in FACTS:
        return None
    table = FACTS[kind]
    return connection.execute(
        select(table).where(table.c.connection == source, table.c.id == ref)
    ).first()
