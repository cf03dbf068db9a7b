"""Calls of Zabbix' JSON-RPC, whose errors come with status 200."""

from __future__ import annotations

from typing import Any, Final

from tallystick.connector import Context
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.transport.answers import json_of
from tallystick_zabbix.settings import LIMITS, ZabbixSettings

PATH: Final = "api_jsonrpc.php"
LOGIN: Final = ("not authori", "session terminated", "api token expired", "no permissions")
"""What Zabbix says of a login that is no good; it has one code for everything."""


class Rpc:
    def __init__(self, settings: ZabbixSettings, context: Context) -> None:
        self.connection = context.connection
        self._token = settings.token
        self._http = context.http(settings.url.rstrip("/") + "/", LIMITS)

    @property
    def host(self) -> str:
        return self._http.base_url.host

    def __call__(self, method: str, **params: Any) -> Any:
        """The result of a reading call. Zabbix 6.0 takes the token in the body only."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        if method != "apiinfo.version":
            asked["auth"] = self._token.get_secret_value()
        response = self._http.post(PATH, json=asked, extensions={"repeatable": True})
        found = json_of(response, self.connection)
        if not isinstance(found, dict) or not {"result", "error"} & found.keys():
            raise Retry(
                f"{self.host} answered {response.status_code} with something else than a result.",
                do="Check that `url` is where the pages of Zabbix are.",
                connection=self.connection,
            )
        if "error" in found:
            raise self._refusal(method, found["error"])
        return found["result"]

    def _refusal(self, method: str, error: Any) -> SkipRecord | Stop:
        said = f"{error.get('message', '')} {error.get('data', '')}".strip()[:300]
        if any(words in said.casefold() for words in LOGIN):
            return Stop(
                f"Zabbix does not accept the token for {method}: {said}",
                do="Make an API token for a user who may read the hosts, and set `token` to it.",
                connection=self.connection,
            )
        return SkipRecord(
            f"Zabbix refuses {method}: {said}",
            do="Its version may be another than 6 or 7; tell the author of the connector.",
            connection=self.connection,
        )
