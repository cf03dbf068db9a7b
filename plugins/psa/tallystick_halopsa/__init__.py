"""`halopsa`: clients, users, agents, tickets, time, assets, contracts and recurring invoices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_halopsa.settings import HaloSettings

HALOPSA = Connector(
    name="halopsa",
    shelf="psa",
    settings=HaloSettings,
    open=session_at("tallystick_halopsa.session:HaloSession"),
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
