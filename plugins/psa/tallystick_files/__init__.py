"""The `files` connector: whatever a tool exports as CSV, XLSX or JSON Lines, from a folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick.records import KINDS
from tallystick_files.settings import FilesSettings


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="files",
        shelf="psa",
        settings=FilesSettings,
        open=session_at("tallystick_files.session:FilesSession"),
        reads=frozenset(KINDS),
        writes=frozenset(),
        mappings=None,
        tier="silver",
    )
