"""`stripe`: cards and bank debits collected over Stripe, and what its balance tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Collects, Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_stripe.settings import KEY_LIFETIME, SCHEMES, StripeSettings


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="stripe",
        shelf="payments",
        settings=StripeSettings,
        open=session_at("tallystick_stripe.session:StripeSession"),
        reads=frozenset({"client", "mandate", "bank_transaction", "dispute"}),
        writes=frozenset({"client", "collection"}),
        mappings=None,
        tier="gold",
        collects=Collects(frozenset(SCHEMES), key_lifetime=KEY_LIFETIME),
    )
