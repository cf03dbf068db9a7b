"""A Zabbix of ours: answers of a real 6.0, errors with status 200, the token in the body."""

from __future__ import annotations

import json
from typing import Any

import httpx

TOKEN = "zabbix-canary-token"


class Zabbix(httpx.BaseTransport):
    def __init__(self, hosts: int = 3, problems: int = 3) -> None:
        self.groups = [
            {"groupid": "4", "name": "Zabbix servers"},
            {"groupid": "20", "name": "Clients/Acme Dental"},
            {"groupid": "21", "name": "Clients/Zeppelin Logistics"},
        ]
        self.hosts = [self._host(10000 + n) for n in range(hosts)]
        self.problems = [self._problem(n) for n in range(1, problems + 1)]
        self.ends: list[dict[str, Any]] = []
        self.refused: str | None = None

    def solve(self, number: int, clock: str) -> None:
        """The problem is over: an event of its own, of a number beyond all others."""
        end = str(100_000 + number)
        self.ends.append({"eventid": end, "clock": clock})
        next(one for one in self.problems if one["eventid"] == str(number))["r_eventid"] = end

    def _host(self, number: int) -> dict[str, Any]:
        return {
            "hostid": str(number),
            "host": f"pc-{number}",
            "name": f"PC-{number}",
            "status": "0",
            "groups": [self.groups[1]],
            "tags": [{"tag": "type", "value": "workstation"}],
            "inventory": {"serialno_a": f"SER-{number}", "macaddress_a": "", "os": "Windows"},
        }

    def _problem(self, number: int) -> dict[str, Any]:
        return {
            "eventid": str(number),
            "name": "Disk C: is full",
            "clock": "1756100000",
            "severity": "4",
            "r_eventid": "0",
            "hosts": [{"hostid": "10000", "name": "PC-10000"}],
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.read())
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        if self.refused or (asked["method"] != "apiinfo.version" and asked.get("auth") != TOKEN):
            said = self.refused or "Session terminated, re-login, please."
            body["error"] = {"code": -32602, "message": "Invalid params.", "data": said}
        else:
            body["result"] = self.result(asked["method"], asked["params"])
        return httpx.Response(200, json=body, request=request)

    def result(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "apiinfo.version":
                return "6.0.14"
            case "hostgroup.get":
                return [
                    one for one in self.groups if one["name"].startswith(params["search"]["name"])
                ]
            case "host.get" if params.get("countOutput"):
                return str(len(self.hosts))
            case "host.get":
                wanted = params.get("hostids")
                found = [one for one in self.hosts if wanted is None or one["hostid"] in wanted]
                names = {*params["output"], "groups", "tags", "inventory"} if wanted else {"hostid"}
                return [{name: one[name] for name in one if name in names} for one in found]
            case "event.get" if "eventids" in params:
                every = [*self.problems, *self.ends]
                return [one for one in every if one["eventid"] in params["eventids"]]
            case "event.get":
                after = [
                    one
                    for one in self.problems
                    if int(one["eventid"]) >= int(params["eventid_from"])
                ]
                return after[: params["limit"]]
        raise AssertionError(f"nobody asks for {method}")
