"""`zabbix`: host groups as clients, hosts as assets, problems as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_zabbix.settings import ZabbixSettings

if TYPE_CHECKING:
    from tallystick_zabbix.session import ZabbixSession


def _open(settings: ZabbixSettings, context: Context) -> ZabbixSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_zabbix.session import ZabbixSession

    return ZabbixSession(settings, context)


ZABBIX = Connector(
    name="zabbix",
    shelf="rmm",
    settings=ZabbixSettings,
    open=_open,
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/zabbix.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield ZABBIX
