"""`halopsa`: clients, users, agents, tickets, time, assets, contracts and recurring invoices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_halopsa.settings import HaloSettings

if TYPE_CHECKING:
    from tallystick_halopsa.session import HaloSession


def _open(settings: HaloSettings, context: Context) -> HaloSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_halopsa.session import HaloSession

    return HaloSession(settings, context)


HALOPSA = Connector(
    name="halopsa",
    shelf="psa",
    settings=HaloSettings,
    open=_open,
    reads=frozenset(
        {
            "client",
            "contact",
            "technician",
            "ticket",
            "booking",
            "asset",
            "contract",
            "contract_line",
        }
    ),
    writes=frozenset({"ticket", "asset", "invoice_status"}),
    mappings="tallystick_mappings/halopsa.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield HALOPSA
