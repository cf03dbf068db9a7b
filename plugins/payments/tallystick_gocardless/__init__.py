"""`gocardless`: bank debits collected over GoCardless, and what its payouts tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Collects, Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_gocardless.settings import CURRENCIES, KEY_LIFETIME, SCHEMES, GoCardlessSettings

GOCARDLESS = Connector(
    name="gocardless",
    shelf="payments",
    settings=GoCardlessSettings,
    open=session_at("tallystick_gocardless.session:GoCardlessSession"),
    reads=frozenset({"client", "mandate", "bank_transaction"}),
    writes=frozenset({"client", "collection"}),
    mappings=None,
    tier="gold",
    collects=Collects(frozenset(SCHEMES.values()), CURRENCIES, key_lifetime=KEY_LIFETIME),
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    return [GOCARDLESS]
