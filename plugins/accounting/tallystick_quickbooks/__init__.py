"""`quickbooks`: what was issued, paid and earned to a QuickBooks Online company, customers back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_quickbooks.settings import QuickBooksSettings

QUICKBOOKS = Connector(
    name="quickbooks",
    shelf="accounting",
    settings=QuickBooksSettings,
    open=session_at("tallystick_quickbooks.session:QuickBooksSession"),
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/quickbooks.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield QUICKBOOKS
