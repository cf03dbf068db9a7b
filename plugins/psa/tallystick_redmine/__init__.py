"""`redmine`: projects as clients, issues as tickets and devices, time entries as bookings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_redmine.settings import RedmineSettings

REDMINE = Connector(
    name="redmine",
    shelf="psa",
    settings=RedmineSettings,
    open=session_at("tallystick_redmine.session:RedmineSession"),
    reads=frozenset({"client", "technician", "ticket", "booking", "asset"}),
    writes=frozenset({"ticket", "asset", "invoice_status"}),
    mappings="tallystick_mappings/redmine.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield REDMINE
