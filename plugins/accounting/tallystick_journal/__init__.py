"""`journal`: an accounting system that is a text file, for bean-check and hledger to judge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_journal.settings import JournalSettings


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="journal",
        shelf="accounting",
        settings=JournalSettings,
        open=session_at("tallystick_journal.session:JournalSession"),
        reads=frozenset(),
        writes=frozenset({"customer", "invoice", "payment", "entry"}),
        mappings=None,
        tier="silver",
    )
