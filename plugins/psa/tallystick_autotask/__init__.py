"""`autotask`: companies, contacts, tickets, time, charges, configuration items, and contracts with
their services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_autotask.settings import AutotaskSettings

AUTOTASK = Connector(
    name="autotask",
    shelf="psa",
    settings=AutotaskSettings,
    open=session_at("tallystick_autotask.session:AutotaskSession"),
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
            "cost",
        }
    ),
    writes=frozenset({"ticket", "asset", "booking", "invoice_status"}),
    mappings="tallystick_mappings/autotask.toml",
    tier="gold",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield AUTOTASK
