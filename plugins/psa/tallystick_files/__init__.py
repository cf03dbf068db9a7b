"""The `files` connector: whatever a tool exports as CSV, XLSX or JSON Lines, from a folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick.records import KINDS
from tallystick_files.settings import FilesSettings

if TYPE_CHECKING:
    from tallystick_files.session import FilesSession


def _open(settings: FilesSettings, context: Context) -> FilesSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_files.session import FilesSession

    return FilesSession(settings, context)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="files",
        shelf="psa",
        settings=FilesSettings,
        open=_open,
        reads=frozenset(KINDS),
        writes=frozenset(),
        mappings=None,
        tier="silver",
    )
