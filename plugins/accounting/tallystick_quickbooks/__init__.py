"""`quickbooks`: what was issued, paid and earned to a QuickBooks Online company, customers back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_quickbooks.settings import QuickBooksSettings

if TYPE_CHECKING:
    from tallystick_quickbooks.session import QuickBooksSession


def _open(settings: QuickBooksSettings, context: Context) -> QuickBooksSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_quickbooks.session import QuickBooksSession

    return QuickBooksSession(settings, context)


QUICKBOOKS = Connector(
    name="quickbooks",
    shelf="accounting",
    settings=QuickBooksSettings,
    open=_open,
    reads=frozenset({"client"}),
    writes=frozenset({"customer", "invoice", "payment", "entry"}),
    mappings="tallystick_mappings/quickbooks.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield QUICKBOOKS
