"""`xero`: what was issued, paid and earned to a Xero organisation, its contacts back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_xero.settings import XeroSettings

XERO = Connector(
    name="xero",
    shelf="accounting",
    settings=XeroSettings,
    open=session_at("tallystick_xero.session:XeroSession"),
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/xero.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield XERO
