"""`autotask`: companies, contacts, tickets, time, charges, configuration items, and contracts with
their services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_autotask.settings import AutotaskSettings

if TYPE_CHECKING:
    from tallystick_autotask.session import AutotaskSession


def _open(settings: AutotaskSettings, context: Context) -> AutotaskSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_autotask.session import AutotaskSession

    return AutotaskSession(settings, context)


AUTOTASK = Connector(
    name="autotask",
    shelf="psa",
    settings=AutotaskSettings,
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
