"""`gocardless`: bank debits collected over GoCardless, and what its payouts tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Collects, Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_gocardless.settings import CURRENCIES, KEY_LIFETIME, SCHEMES, GoCardlessSettings

if TYPE_CHECKING:
    from tallystick_gocardless.session import GoCardlessSession


def _open(settings: GoCardlessSettings, context: Context) -> GoCardlessSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_gocardless.session import GoCardlessSession

    return GoCardlessSession(settings, context)


GOCARDLESS = Connector(
    name="gocardless",
    shelf="payments",
    settings=GoCardlessSettings,
    open=_open,
    reads=frozenset({"client", "mandate", "bank_transaction"}),
    writes=frozenset({"client", "collection"}),
    mappings=None,
    tier="gold",
    collects=Collects(frozenset(SCHEMES.values()), CURRENCIES, key_lifetime=KEY_LIFETIME),
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    return [GOCARDLESS]
