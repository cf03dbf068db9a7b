"""`zabbix`: host groups as clients, hosts as assets, problems as tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_zabbix.settings import ZabbixSettings

ZABBIX = Connector(
    name="zabbix",
    shelf="rmm",
    settings=ZabbixSettings,
    open=session_at("tallystick_zabbix.session:ZabbixSession"),
    reads=frozenset({"client", "asset", "ticket"}),
    writes=frozenset(),
    mappings="tallystick_mappings/zabbix.toml",
    tier="silver",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield ZABBIX
