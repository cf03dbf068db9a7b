"""Mandates in the store, by the client who signed them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, bindparam, literal, select

from tallystick.records import Mandate
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS, link


def mandates_of(
    connection: Connection, home: str | None, clients: Collection[str]
) -> dict[str, list[Mandate]]:
    """The mandates connection `home` holds, by the ref of their client: one it is linked to, or
    one of `clients` that the mandate itself names, as a provider does that was told our ref."""
    if not clients:
        return {}
    rows = connection.execute(_OF_HOME, {"home": home})
    found: dict[str, list[Mandate]] = {}
    for row in rows:
        named = row.linked_to or (row.client if row.client in clients else row.own)
        if named in clients:
            found.setdefault(named, []).append(record_of(row, Mandate))
    return found


table = FACTS["mandate"]
_LINKED = and_(
    link.c.kind == "client",
    link.c.connection == table.c.connection,
    link.c.id == table.c.client,
)
_LINKED_TO = link.c.home_connection + literal(":") + link.c.home_id
_OWN = table.c.connection + literal(":") + table.c.client
_OF_HOME = (
    select(table, _LINKED_TO.label("linked_to"), _OWN.label("own"))
    .join(link, _LINKED, isouter=True)
    .where(table.c.connection == bindparam("home"))
)
