"""A Datto RMM account of ours: pages by link, tokens for a password, answers as they were recorded
(github.com/pncit/datto-rmm-api-client, tests/fixtures): numbers where the document says text."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs

import httpx

HOST = "https://merlot-api.centrastage.net"
PUBLIC = "Basic " + b64encode(b"public-client:public").decode()
PAGE = 100
SITES = [
    {"id": 1, "uid": "s-1", "name": "Acme Dental LLC", "onDemand": False},
    {"id": 2, "uid": "s-2", "name": "Zeppelin Logistics", "onDemand": False},
    {"id": 3, "uid": "s-3", "name": "Deleted Devices", "onDemand": False},
]


def device(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"d-{number}",
        "siteId": 1,
        "siteUid": "s-1",
        "siteName": "Acme Dental LLC",
        "deviceType": {"category": "Laptop", "type": "Latitude 5440"},
        "hostname": f"PC-{number:03}",
        "operatingSystem": "Microsoft Windows 11 Pro",
        "online": True,
        "suspended": False,
        "deleted": False,
        "lastSeen": 1_790_000_000_123,
        "creationDate": 1_704_067_200_000,
        "deviceClass": "device",
        "udf": {"udf1": "BITLOCKER-111111-222222"},
        **more,
    }


def alert(number: int, **more: Any) -> dict[str, Any]:
    return {
        "alertUid": f"a-{number}",
        "priority": "High",
        "diagnostics": None,
        "resolved": False,
        "resolvedOn": None,
        "timestamp": 1_790_000_000_000,
        "alertContext": {"@class": "perf_disk_usage_ctx", "diskName": "C:"},
        "alertSourceInfo": {"deviceUid": "d-1", "deviceName": "PC-001", "siteUid": "s-1"},
        **more,
    }


class Account(httpx.BaseTransport):
    """`open` and `resolved` are its alerts; `refusing` are tokens it takes no more."""

    def __init__(self, devices: int = 3) -> None:
        self.devices: list[Any] = [device(n) for n in range(1, devices + 1)]
        self.open: list[Any] = [alert(1), alert(2, diagnostics="Service stopped\nSpooler")]
        self.resolved: list[Any] = []
        self.refusing: set[str] = set()
        self.tokens = 0
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request.url.path)
        status, body = self.answer(request)
        return httpx.Response(status, json=body, request=request)

    def answer(self, request: httpx.Request) -> tuple[int, Any]:
        path = request.url.path
        if path == "/auth/oauth/token":
            return self._token(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token.startswith("token-") or token in self.refusing:
            return 401, {"error": "invalid_token"}
        if path.startswith("/api/v2/alert/"):
            uid = path.rpartition("/")[2]
            found = [one for one in (*self.open, *self.resolved) if one["alertUid"] == uid]
            return (200, found[0]) if found else (404, {"error": "not found"})
        lists = {
            "/api/v2/account/sites": ("sites", SITES),
            "/api/v2/account/devices": ("devices", self.devices),
            "/api/v2/account/alerts/open": ("alerts", self.open),
        }
        if path == "/api/v2/account":
            return 200, {"id": 7, "uid": "acc-7", "name": "Sample MSP", "currency": "EUR"}
        return self._page(path, *lists[path], int(request.url.params.get("page", 0)))

    def _page(self, path: str, name: str, rows: list[Any], page: int) -> tuple[int, Any]:
        some = rows[page * PAGE : (page + 1) * PAGE]
        more = (page + 1) * PAGE < len(rows)
        link = f"{HOST}{path}?max={PAGE}&page={page + 1}" if more else ""
        details = {"count": len(some), "totalCount": len(rows), "prevPageUrl": ""}
        return 200, {"pageDetails": {**details, "nextPageUrl": link}, name: some}

    def _token(self, request: httpx.Request) -> tuple[int, Any]:
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        given = (form.get("grant_type"), form.get("username"), form.get("password"))
        if given != ("password", "KEY", "s3cret-canary"):
            return 400, {"error": "invalid_grant"}
        if request.headers.get("authorization") != PUBLIC:
            return 401, {"error": "invalid_client"}
        self.tokens += 1
        life = {"expires_in": 359_999, "token_type": "bearer"}
        return 200, {"access_token": f"token-{self.tokens}", **life}
