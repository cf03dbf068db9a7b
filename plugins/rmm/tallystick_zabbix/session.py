"""The conversation with Zabbix: host groups are clients, hosts assets, problems tickets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tallystick.connector import Broken, Context, Cursor, Pulled, Whole, row_of
from tallystick_zabbix.problems import problems
from tallystick_zabbix.rpc import Rpc
from tallystick_zabbix.settings import ZabbixSettings

PAGE: Final = 500
INVENTORY: Final = ["serialno_a", "macaddress_a", "os", "type", "location"]

Items = Iterator[Pulled | Broken | Cursor | Whole]


class ZabbixSession:
    """A Source."""

    def __init__(self, settings: ZabbixSettings, context: Context) -> None:
        self._prefix = settings.client_groups
        self._rpc = Rpc(settings, context)

    def whoami(self) -> str:
        version = self._rpc("apiinfo.version")
        hosts = self._rpc("host.get", countOutput=True)
        return f"Zabbix {version} at {self._rpc.host} with {hosts} hosts"

    def pull(self, record: str, since: str | None) -> Items:
        match record:
            case "client":
                yield from self._clients()
            case "asset":
                yield from self._assets()
            case "ticket":
                yield from problems(self._rpc, since)

    def _clients(self) -> Items:
        for group in self._groups():
            row = row_of(group, "host group", "name")
            if isinstance(row, Broken):
                yield row
            elif len(group["name"]) > len(self._prefix):
                client = group["name"][len(self._prefix) :]
                yield Pulled({**group, "client": client}, row.place)
        yield Whole()

    def _groups(self) -> list[Any]:
        asked = {"search": {"name": self._prefix}, "startSearch": True, "sortfield": "name"}
        found: list[Any] = self._rpc("hostgroup.get", output=["groupid", "name"], **asked)
        return found

    def _assets(self) -> Items:
        """Zabbix has no pages of hosts: their ids first, then some of them at a time."""
        listed = self._rpc("host.get", output=["hostid"], sortfield="hostid")
        found = [row_of(one, "host", "hostid") for one in listed]
        yield from (one for one in found if isinstance(one, Broken))
        ids = [one.raw["hostid"] for one in found if isinstance(one, Pulled)]
        for start in range(0, len(ids), PAGE):
            hosts = self._rpc(
                "host.get",
                hostids=ids[start : start + PAGE],
                output=["hostid", "host", "name", "status"],
                selectGroups=["groupid", "name"],
                selectInventory=INVENTORY,
                selectTags="extend",
                sortfield="hostid",
            )
            yield from map(self._host, hosts)
        yield Whole()

    def _host(self, host: Any) -> Pulled | Broken:
        """The host with the one group that is its client; without any it is nobody's. Where it has
        no inventory Zabbix gives an empty list for one."""
        row = row_of(host, "host", "hostid")
        if isinstance(row, Broken):
            return row
        place = f"host {host.get('name')} ({host.get('hostid')})"
        mine = [one for one in host.get("groups", []) if one["name"].startswith(self._prefix)]
        if len(mine) > 1:
            named = " and ".join(sorted(one["name"] for one in mine))
            return Broken(
                place, f"It is in {named}, which are two clients.", "Take it out of one.", host
            )
        told = {"client": mine[0] if mine else None, "inventory": host.get("inventory") or {}}
        return Pulled({**host, **told}, place)
