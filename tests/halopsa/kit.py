"""HaloPSA as the tests reach it. Its document says what is asked and taken, and nothing of answers:
each row that comes is held against what is taken by POST at the same place.

The document calls `lastupdatefromdate` true or false ("include the field"); those who use it give a
date, so that one key is left out of what is judged.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx
from tests.desks import status_of
from tests.openapi import spec

from tallystick.connector import Raw
from tallystick.testing.contract import ConnectorContract
from tallystick_halopsa import HALOPSA

from .service import CLIENT, HOST, SECRET, TENANT, HaloPSA

SETTINGS: dict[str, Any] = {
    "url": HOST,
    "tenant": TENANT,
    "client_id": CLIENT,
    "client_secret": SECRET,
    "currency": "GBP",
    "time_from": "2026-06-01",
    "new_ticket": {"tickettype_id": 4},
    "new_asset": {"assettype_id": 3},
    "invoice_ticket_type": 6,
}
DOCUMENT = spec("halopsa/openapi.json", "/api")
ASSET: Raw = {"client_id": "2", "key_field": "PC-02", "inactive": False}
TICKET: Raw = {"client_id": "2", "summary": "Disk full"}
STATUS = status_of("halo:2", "GBP")
PUSHES: dict[str, Raw] = {"asset": ASSET, "ticket": TICKET}
PATHS = {"asset": "Asset", "ticket": "Tickets", "invoice_status": "Tickets"}


def check(request: httpx.Request) -> None:
    """Raises for a request that is none of theirs."""
    if request.url.path == "/auth/token":
        return
    url = request.url
    if "lastupdatefromdate" in url.params:
        url = url.copy_remove_param("lastupdatefromdate")
    headers = request.headers
    DOCUMENT.check_request(
        httpx.Request(request.method, url, headers=headers, content=request.content)
    )


class Judged(httpx.BaseTransport):
    def __init__(self, tenant: HaloPSA) -> None:
        self.tenant = tenant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        check(request)
        response = self.tenant.handle_request(request)
        path = request.url.path
        if response.is_success and path.startswith("/api/") and path != "/api/Agent/me":
            whole = "/".join(path.split("/")[:3])
            for row in _rows(json.loads(response.read())):
                DOCUMENT.check_row(whole, row)
        return response


def _rows(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    lists = [one for one in body.values() if isinstance(one, list)]
    return lists[0] if "page_no" in body or "actions" in body else [body]


class Kit(ConnectorContract):
    connector = HALOPSA
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "agents and contracts are read whole; the others are tested below"
    }
    pushes: ClassVar = {**PUSHES, "invoice_status": STATUS}

    def vendor(self) -> httpx.BaseTransport:
        return Judged(HaloPSA())

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        return len(vendor.tenant.lists[PATHS[record]]) - 1

    def conforms(self, request: httpx.Request) -> None:
        check(request)


KIT = Kit()
