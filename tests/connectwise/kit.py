"""ConnectWise as the tests reach it: each request and answer held against the vendor's document."""

from __future__ import annotations

from typing import ClassVar

import httpx
from tests.desks import status_of
from tests.openapi import spec

from tallystick.testing.contract import ConnectorContract
from tallystick_connectwise import CONNECTWISE

from .service import CLIENT, COMPANY, HOST, PRIVATE, PUBLIC, ConnectWise

SETTINGS = {
    "url": HOST,
    "company": COMPANY,
    "public_key": PUBLIC,
    "private_key": PRIVATE,
    "client_id": CLIENT,
    "key_field": {"id": 7, "caption": "Tallystick key"},
    "invoice_board": "Invoices",
}
DOCUMENT = spec("connectwise/openapi.json", "/v2025_1/apis/3.0")
ASSET = {"company": {"id": "2"}, "name": "PC-02", "type": {"name": "Managed Workstation"}}
STATUS = status_of("cw:2", "USD")
TICKET = {"company": {"id": "2"}, "summary": "Disk full"}


class Judged(httpx.BaseTransport):
    """ConnectWise, but for its company info held against the vendor's document."""

    def __init__(self, tenant: ConnectWise) -> None:
        self.tenant = tenant
        self._judged = DOCUMENT.judged(tenant)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        login = request.url.path.startswith("/login/")
        return (self.tenant if login else self._judged).handle_request(request)


class Kit(ConnectorContract):
    connector = CONNECTWISE
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "members and additions are read whole; the others are tested below"
    }
    pushes: ClassVar = {"asset": ASSET, "ticket": TICKET, "invoice_status": STATUS}

    def vendor(self) -> httpx.BaseTransport:
        return Judged(ConnectWise())

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        path = "/company/configurations" if record == "asset" else "/service/tickets"
        return len(vendor.tenant.lists[path]) - 1

    def conforms(self, request: httpx.Request) -> None:
        if not request.url.path.startswith("/login/"):
            DOCUMENT.check_request(request)


KIT = Kit()
