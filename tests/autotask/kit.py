"""Autotask as the tests reach it: each request and answer held against the vendor's document.

The document has no `user` of the zone's look-up (Autotask's own has, and wants it) and no paths of
next pages: these are held against it as what they are otherwise.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx
from tests.desks import status_of
from tests.openapi import spec

from tallystick.connector import Raw
from tallystick.testing.contract import ConnectorContract
from tallystick_autotask import AUTOTASK

from .service import CODE, ROOT, SECRET, USER, Autotask

SETTINGS: dict[str, Any] = {
    "user": USER,
    "secret": SECRET,
    "integration_code": CODE,
    "currency": "USD",
    "new_ticket": {"status": "New", "priority": "Medium", "queueID": "Level I Support"},
    "new_asset": {"productID": 12},
    "invoice_queue": "Invoices",
}
DOCUMENT = spec("autotask/openapi.json", ROOT)
ASSET: Raw = {
    "companyID": "2",
    "referenceTitle": "PC-02",
    "labels": {"configurationItemType": "Server"},
}
TICKET: Raw = {"companyID": "2", "title": "Disk full"}
BOOKING: Raw = {
    "ticketID": "31",
    "resourceID": "5",
    "dateWorked": "2026-08-21",
    "summaryNotes": "Cable",
    "labels": {"billingCodeID": "On site"},
}
STATUS = status_of("at:2", "USD")
PUSHES: dict[str, Raw] = {"asset": ASSET, "ticket": TICKET, "booking": BOOKING}
ENTITIES = {
    "asset": "ConfigurationItems",
    "ticket": "Tickets",
    "booking": "TimeEntries",
    "invoice_status": "Tickets",
}


def check(request: httpx.Request) -> httpx.URL:
    """Raises for a request that is none of theirs; the URL under which the document knows it."""
    url = request.url
    if url.path.endswith("/ZoneInformation"):
        url = url.copy_remove_param("user")
    if url.path.endswith("/query/next"):
        url = url.copy_remove_param("paging").copy_with(path=url.path.removesuffix("/next"))
    headers = request.headers
    DOCUMENT.check_request(
        httpx.Request(request.method, url, headers=headers, content=request.content)
    )
    return url


class Judged(httpx.BaseTransport):
    def __init__(self, tenant: Autotask) -> None:
        self.tenant = tenant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        url = check(request)
        response = self.tenant.handle_request(request)
        if response.is_success:
            body = json.loads(response.read())
            DOCUMENT.check_answer(request.method, url.path, response.status_code, body)
        return response


class Kit(ConnectorContract):
    connector = AUTOTASK
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "resources and contracts are read whole; the others are tested below"
    }
    pushes: ClassVar = {**PUSHES, "invoice_status": STATUS}

    def vendor(self) -> httpx.BaseTransport:
        return Judged(Autotask())

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        fresh = Autotask().lists[ENTITIES[record]]
        return len(vendor.tenant.lists[ENTITIES[record]]) - len(fresh)

    def conforms(self, request: httpx.Request) -> None:
        check(request)


KIT = Kit()
