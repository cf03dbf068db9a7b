"""`tryton`: what was issued, paid and earned to a Tryton, its parties back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_tryton.settings import TrytonSettings

TRYTON = Connector(
    name="tryton",
    shelf="accounting",
    settings=TrytonSettings,
    open=session_at("tallystick_tryton.session:TrytonSession"),
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/tryton.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield TRYTON
