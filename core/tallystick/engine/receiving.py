"""Receive: what a provider told is stored with its whole body, and processed afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.cash.listening.events import store_events
from tallystick.connector import Listener
from tallystick.engine.installation import Installation


def receive(
    installation: Installation, connection: str, headers: Mapping[str, str], body: bytes
) -> int:
    """Store the events of one delivery; how many are new. It may be acknowledged then.

    Raises `LookupError` where nobody listens, `SkipRecord` for what is not surely the provider's,
    `Stop` when that cannot be told, as no secret is set.
    """
    if connection not in installation.config.connection:
        raise LookupError(connection)
    session = installation.kept_session(connection)
    if not isinstance(session, Listener):
        raise LookupError(connection)
    told = session.read_events(headers, body)
    return store_events(installation.database, connection, told, body, installation.now())
