"""Clients in the store, by their refs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from tallystick.records import Client
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS


def clients_of(connection: Connection, refs: Iterable[str]) -> dict[str, Client]:
    """The clients of `refs` that there are."""
    table = FACTS["client"]
    ids: dict[str, list[str]] = {}
    for ref in refs:
        source, _, external_id = ref.partition(":")
        ids.setdefault(source, []).append(external_id)
    found = {}
    for source, own in ids.items():
        statement = select(table).where(table.c.connection == source, table.c.id.in_(own))
        for row in connection.execute(statement):
            found[f"{source}:{row.id}"] = record_of(row, Client)
    return found
