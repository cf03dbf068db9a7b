"""`ninjaone`: organizations as clients, devices as assets, alerts as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_ninjaone.settings import NinjaOneSettings

NINJAONE = Connector(
    name="ninjaone",
    shelf="rmm",
    settings=NinjaOneSettings,
    open=session_at("tallystick_ninjaone.session:NinjaOneSession"),
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/ninjaone.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield NINJAONE
