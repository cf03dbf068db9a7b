"""`connectwise`: companies, contacts, members, tickets, time, configurations and agreements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_connectwise.settings import ConnectWiseSettings

CONNECTWISE = Connector(
    name="connectwise",
    shelf="psa",
    settings=ConnectWiseSettings,
    open=session_at("tallystick_connectwise.session:ConnectWiseSession"),
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
