"""`ninjaone`: organizations as clients, devices as assets, alerts as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_ninjaone.settings import NinjaOneSettings

if TYPE_CHECKING:
    from tallystick_ninjaone.session import NinjaOneSession


def _open(settings: NinjaOneSettings, context: Context) -> NinjaOneSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_ninjaone.session import NinjaOneSession

    return NinjaOneSession(settings, context)


NINJAONE = Connector(
    name="ninjaone",
    shelf="rmm",
    settings=NinjaOneSettings,
    open=_open,
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/ninjaone.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield NINJAONE
