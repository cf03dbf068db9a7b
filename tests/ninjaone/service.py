"""A NinjaOne tenant of ours: pages by the last id, queries by a cursor, tokens for one client."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx

ORGANIZATIONS = [
    {"id": 2, "name": "Acme Dental LLC", "nodeApprovalMode": "AUTOMATIC"},
    {"id": 5, "name": "Zeppelin Logistics", "nodeApprovalMode": "MANUAL"},
]


def device(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"00000000-0000-4000-8000-{number:012}",
        "organizationId": 2,
        "nodeClass": "WINDOWS_WORKSTATION",
        "approvalStatus": "APPROVED",
        "offline": False,
        "systemName": f"PC-{number:03}",
        "created": 1_750_000_000.5,
        "lastContact": 1_756_000_000.123,
        "macAddresses": [f"00:1B:44:11:{number // 256:02X}:{number % 256:02X}"],
        "ipAddresses": ["10.0.0.7"],
        **more,
    }


class Tenant(httpx.BaseTransport):
    def __init__(self, devices: int = 717) -> None:
        self.devices = [device(3 * n) for n in range(1, devices + 1)]
        self.alerts = [
            {
                "uid": "11111111-0000-4000-8000-000000000001",
                "deviceId": 3,
                "message": "Disk C: is 97 % full",
                "createTime": 1_756_100_000.0,
                "sourceType": "CONDITION_AGENT_DISK_FREE_SPACE",
                "priority": "HIGH",
            }
        ]
        self.page_max = 1000
        self.cursor_moves = True
        self.cursors: dict[str, int] = {}
        self.refusing: set[str] = set()
        self.tokens = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        status, body = self.answer(request)
        return httpx.Response(status, json=body, request=request)

    def answer(self, request: httpx.Request) -> tuple[int, Any]:
        path, query = request.url.path, request.url.params
        if path == "/ws/oauth/token":
            return self._token(request.content.decode())
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token.startswith("token-") or token in self.refusing:
            return 401, {"resultCode": "UNAUTHORIZED"}
        size = min(int(query.get("pageSize", 1000)), self.page_max)
        after = int(query.get("after", 0))
        if path == "/v2/organizations":
            return 200, [one for one in ORGANIZATIONS if one["id"] > after][:size]
        if path == "/v2/devices-detailed":
            return 200, [one for one in self.devices if one["id"] > after][:size]
        if path == "/v2/alerts":
            return 200, self.alerts
        if path == "/v2/queries/computer-systems":
            return self._systems(query.get("cursor"), size)
        return 404, {"resultCode": "NOT_FOUND"}

    def _systems(self, name: str | None, size: int) -> tuple[int, Any]:
        """A cursor is kept here, and is called the same on every page of its query."""
        if name is None:
            name = f"cursor-{len(self.cursors) + 1}"
            self.cursors[name] = 0
        start = self.cursors.get(name)
        if start is None:
            return 400, {"resultCode": "CURSOR_NOT_FOUND"}
        rows = [
            {"deviceId": one["id"], "serialNumber": f"SER-{one['id']:05}", "manufacturer": "Dell"}
            for one in self.devices[start : start + size]
        ]
        if self.cursor_moves:
            self.cursors[name] = start + len(rows)
        cursor = {"name": name, "offset": start, "count": len(rows), "expires": 1.5e9}
        return 200, {"cursor": cursor, "results": rows}

    def _token(self, body: str) -> tuple[int, Any]:
        form = {key: values[0] for key, values in parse_qs(body).items()}
        known = ("client_credentials", "abc", "s3cret-canary", "monitoring")
        if (
            tuple(form.get(k) for k in ("grant_type", "client_id", "client_secret", "scope"))
            != known
        ):
            return 401, {"error": "invalid_client"}
        self.tokens += 1
        return 200, {
            "access_token": f"token-{self.tokens}",
            "expires_in": 3600,
            "token_type": "Bearer",
        }
