"""`redmine`: projects as clients, issues as tickets and devices, time entries as bookings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_redmine.settings import RedmineSettings

if TYPE_CHECKING:
    from tallystick_redmine.session import RedmineSession


def _open(settings: RedmineSettings, context: Context) -> RedmineSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_redmine.session import RedmineSession

    return RedmineSession(settings, context)


REDMINE = Connector(
    name="redmine",
    shelf="psa",
    settings=RedmineSettings,
    open=_open,
    reads=frozenset({"client", "technician", "ticket", "booking", "asset"}),
    writes=frozenset({"ticket", "asset", "invoice_status"}),
    mappings="tallystick_mappings/redmine.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield REDMINE
