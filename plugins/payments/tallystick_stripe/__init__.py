"""`stripe`: cards and bank debits collected over Stripe, and what its balance tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Collects, Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_stripe.settings import KEY_LIFETIME, SCHEMES, StripeSettings

if TYPE_CHECKING:
    from tallystick_stripe.session import StripeSession


def _open(settings: StripeSettings, context: Context) -> StripeSession:
    """Loaded only here: Stripe's library takes longer than most commands."""
    from tallystick_stripe.session import StripeSession

    return StripeSession(settings, context)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="stripe",
        shelf="payments",
        settings=StripeSettings,
        open=_open,
        reads=frozenset({"client", "mandate", "bank_transaction", "dispute"}),
        writes=frozenset({"client", "collection"}),
        mappings=None,
        tier="gold",
        collects=Collects(frozenset(SCHEMES), key_lifetime=KEY_LIFETIME),
    )
