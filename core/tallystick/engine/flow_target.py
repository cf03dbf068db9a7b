"""The connection a flow brings records to, and its words for them."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from tallystick.config.connections import mapping_files
from tallystick.connector import Raw, Sink
from tallystick.engine.installation import Installation
from tallystick.errors import Stop
from tallystick.mapping import load_mapping
from tallystick.mapping.mapping import RecordMapping
from tallystick.records import KINDS

NOT_FLOWING = ("id", "version", "updated_at")


class Target:
    """The connection records are pushed to, and how they are spelled there."""

    def __init__(self, installation: Installation, name: str, kind: str) -> None:
        connector = installation.connector(name)
        if kind not in connector.writes:
            raise Stop(
                f"{kind} flows to {name}, and connector {connector.name} does not write it.",
                do=f"It writes {', '.join(sorted(connector.writes)) or 'nothing'}.",
            )
        self.name, self.kind = name, kind
        session = installation.session(name)
        if not isinstance(session, Sink):
            raise Stop(f"Connection {name} takes no records.", do="Remove the [[flow]] to it.")
        self.sink: Sink = session
        files = mapping_files(installation.config.connection[name], connector, installation.root)
        mappings = load_mapping(files, installation.plugins.converters()) if files else {}
        self.mapping: RecordMapping | None = mappings.get(kind)

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything its mapping can write; all fields where it has none."""
        if self.mapping is None:
            names = [one.name for one in msgspec.structs.fields(KINDS[self.kind])]
        else:
            names = [
                entry.field[0]
                for entry in self.mapping.entries.values()
                if entry.write is not None and len(entry.field) == 1
            ]
        return tuple(name for name in names if name not in NOT_FLOWING)

    def raw(self, values: Mapping[str, Any]) -> Raw:
        """In the target's words; raises `SkipRecord` for a value it has no word for."""
        hints = typing.get_type_hints(KINDS[self.kind], include_extras=True)
        typed = {name: msgspec.convert(value, hints[name]) for name, value in values.items()}
        if self.mapping is None:
            return {name: value for name, value in typed.items() if value is not None}
        return self.mapping.write(typed)

    def values(self, raw: Raw) -> dict[str, Any]:
        return self.mapping.read(raw) if self.mapping else dict(raw)
