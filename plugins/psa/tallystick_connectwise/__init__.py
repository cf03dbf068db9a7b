"""`connectwise`: companies, contacts, members, tickets, time, configurations and agreements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_connectwise.settings import ConnectWiseSettings

if TYPE_CHECKING:
    from tallystick_connectwise.session import ConnectWiseSession


def _open(settings: ConnectWiseSettings, context: Context) -> ConnectWiseSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_connectwise.session import ConnectWiseSession

    return ConnectWiseSession(settings, context)


CONNECTWISE = Connector(
    name="connectwise",
    shelf="psa",
    settings=ConnectWiseSettings,
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
    mappings="tallystick_mappings/connectwise.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield CONNECTWISE
