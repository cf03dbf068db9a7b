"""`datto`: sites as clients, devices as assets, alerts as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_datto.settings import DattoSettings

if TYPE_CHECKING:
    from tallystick_datto.session import DattoSession


def _open(settings: DattoSettings, context: Context) -> DattoSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_datto.session import DattoSession

    return DattoSession(settings, context)


DATTO = Connector(
    name="datto",
    shelf="rmm",
    settings=DattoSettings,
    open=_open,
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/datto.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield DATTO
