"""`xero`: what was issued, paid and earned to a Xero organisation, its contacts back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_xero.settings import XeroSettings

if TYPE_CHECKING:
    from tallystick_xero.session import XeroSession


def _open(settings: XeroSettings, context: Context) -> XeroSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_xero.session import XeroSession

    return XeroSession(settings, context)


XERO = Connector(
    name="xero",
    shelf="accounting",
    settings=XeroSettings,
    open=_open,
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/xero.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield XERO
