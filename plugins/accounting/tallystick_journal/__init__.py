"""`journal`: an accounting system that is a text file, for bean-check and hledger to judge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_journal.settings import JournalSettings

if TYPE_CHECKING:
    from tallystick_journal.session import JournalSession


def _open(settings: JournalSettings, context: Context) -> JournalSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_journal.session import JournalSession

    return JournalSession(settings, context)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="journal",
        shelf="accounting",
        settings=JournalSettings,
        open=_open,
        reads=frozenset(),
        writes=frozenset({"customer", "invoice", "payment", "entry"}),
        mappings=None,
        tier="silver",
    )
