"""Clients in the store, by their refs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from tallystick.records import Client
from tallystick.store.facts.records import record_of
from tallystick.store.facts.refs import rows_of
from tallystick.store.facts.schema import FACTS


def clients_of(connection: Connection, refs: Iterable[str]) -> dict[str, Client]:
    """The clients of `refs` that there are."""
    return {ref: record_of(row, Client) for ref, row in rows_of(connection, FACTS["client"], refs)}
