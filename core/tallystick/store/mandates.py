"""Mandates in the store, by the client who signed them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, literal, select

from tallystick.records import Mandate
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS, link


def mandates_of(
    connection: Connection, home: str | None, clients: Collection[str]
) -> dict[str, list[Mandate]]:
    """The mandates connection `home` holds, by the ref of their client."""
    table = FACTS["mandate"]
    linked = and_(
        link.c.kind == "client",
        link.c.connection == table.c.connection,
        link.c.id == table.c.client,
    )
    ref = func.coalesce(
        link.c.home_connection + literal(":") + link.c.home_id,
        table.c.connection + literal(":") + table.c.client,
    )
    rows = connection.execute(
        select(table, ref.label("client_ref"))
        .join(link, linked, isouter=True)
        .where(table.c.connection == home)
    )
    found: dict[str, list[Mandate]] = {}
    for row in rows:
        if row.client_ref in clients:
            found.setdefault(row.client_ref, []).append(record_of(row, Mandate))
    return found
