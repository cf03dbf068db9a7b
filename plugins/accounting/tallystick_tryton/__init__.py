"""`tryton`: what was issued, paid and earned to a Tryton, its parties back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_tryton.settings import TrytonSettings

if TYPE_CHECKING:
    from tallystick_tryton.session import TrytonSession


def _open(settings: TrytonSettings, context: Context) -> TrytonSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_tryton.session import TrytonSession

    return TrytonSession(settings, context)


TRYTON = Connector(
    name="tryton",
    shelf="accounting",
    settings=TrytonSettings,
    open=_open,
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/tryton.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield TRYTON
