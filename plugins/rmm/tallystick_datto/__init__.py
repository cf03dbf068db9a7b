"""`datto`: sites as clients, devices as assets, alerts as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_datto.settings import DattoSettings

DATTO = Connector(
    name="datto",
    shelf="rmm",
    settings=DattoSettings,
    open=session_at("tallystick_datto.session:DattoSession"),
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/datto.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield DATTO
