"""A HaloPSA of ours: a token for a tenant, at most a hundred rows a page whatever is asked, actions
without pages, and lists in by POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import httpx

HOST: Final = "https://mymsp.halopsa.example"
CLIENT, SECRET, TENANT = "client-1", "secret-canary", "mymsp"
NOW: Final = "Tue, 01 Sep 2026 12:00:00 GMT"
OLD: Final = "2026-08-03T07:30:00.123"
NEVER: Final = "1899-12-30T00:00:00"
CHANGED: Final = {
    "Client": "alastupdate",
    "Users": "ulastupdate",
    "Tickets": "last_update",
    "Asset": "dlastupdate",
}
NAMES: Final = {
    "Client": "clients",
    "Users": "users",
    "Tickets": "tickets",
    "Asset": "assets",
    "ClientContract": "contracts",
    "RecurringInvoice": "invoices",
}
MOST: Final = 100
NEEDED: Final = {"Tickets": "summary", "Asset": "site_id"}


def action(number: int, day: str = "2026-08-20", ticket: int = 31) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": ticket,
        "who_agentid": 5,
        "datetime": f"{day}T08:00:00.5",
        "last_updated": OLD,
        "note": "Cable",
        "timetaken": 1.25,
        "chargerate": 2,
        "actisbillable": True,
        "action_contract_id": 12,
    }


class HaloPSA(httpx.BaseTransport):
    def __init__(self, actions: int = 3) -> None:
        self.most = MOST
        self.time: str | None = NOW
        self.tokens = 0
        self.refusing: set[str] = set()
        self.counted = True
        self.asked: list[str] = []
        self.actions: list[Any] = [action(number) for number in range(1, actions + 1)]
        self.lists: dict[str, list[Any]] = {
            "Client": [
                {"id": 2, "name": "Acme Dental", "ref": "K-1", "main_site_id": 9, "inactive": False}
            ],
            "Users": [
                {
                    "id": 8,
                    "name": "Zoe Park",
                    "client_id": 2,
                    "emailaddress": "zoe@acme.example",
                    "inactive": False,
                }
            ],
            "Agent": [{"id": 5, "name": "Ann Lee"}],
            "Tickets": [
                {
                    "id": 31,
                    "summary": "Printer",
                    "client_id": 2,
                    "contract_id": -1,
                    "status_id": 1,
                    "tickettype_id": 4,
                    "priority_name": "Low",
                    "dateoccurred": OLD,
                    "dateclosed": NEVER,
                }
            ],
            "Asset": [
                {
                    "id": 41,
                    "inventory_number": "A-41",
                    "key_field": "PC-01",
                    "client_id": 2,
                    "site_name": "Main",
                    "assettype_name": "Workstation",
                    "inactive": False,
                    "fields": [{"id": 1, "name": "Serial Number", "value": "SER-00041"}],
                }
            ],
            "ClientContract": [
                {
                    "id": 12,
                    "client_id": 2,
                    "ref": "Care",
                    "start_date": "2026-01-01T00:00:00",
                    "end_date": "2026-12-31T00:00:00",
                }
            ],
            "RecurringInvoice": [
                invoice(70, 12, [line(1, "Managed workplace", 49.9, 12)]),
                invoice(71, -1, [line(1, "Backup", 10, 3), line(2, "Domain", 12.5, 1)]),
            ],
            "Status": [{"id": 1, "name": "New"}, {"id": 9, "name": "Closed"}],
            "TicketType": [{"id": 4, "name": "Incident"}],
        }
        for name, field in CHANGED.items():
            for row in self.lists[name]:
                row[field] = OLD

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body, path = request.read(), request.url.path
        self.asked.append(f"{request.method} {path}")
        if path == "/auth/token":
            status, answer = self._token(request.url.params, body.decode())
            return httpx.Response(status, json=answer, request=request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token.startswith("token-") or token in self.refusing:
            return httpx.Response(401, json={"message": "who are you?"}, request=request)
        name = path.removeprefix("/api/")
        status, answer = self._answer(request.method, name, dict(request.url.params), body)
        headers = {"date": self.time} if self.time else {}
        return httpx.Response(status, json=answer, headers=headers, request=request)

    def _token(self, query: Mapping[str, str], body: str) -> tuple[int, Any]:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = (query.get("tenant"), form.get("client_id"), form.get("client_secret"))
        if asked != (TENANT, CLIENT, SECRET) or form["grant_type"] != "client_credentials":
            return 400, {"error": "invalid_client"}
        self.tokens += 1
        return 200, {"access_token": f"token-{self.tokens}", "expires_in": 3600}

    def _answer(
        self, method: str, name: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, Any]:
        if name == "Agent/me":
            return 200, {"id": 5, "name": "Ann Lee"}
        if method == "POST":
            return self._take(name, json.loads(body))
        if name == "Actions":
            return self._time(query)
        if name in NAMES:
            return self._page(name, query)
        if name in self.lists:
            return 200, self.lists[name]
        above, _, ref = name.partition("/")
        found = [one for one in self.lists.get(above, ()) if str(one["id"]) == ref]
        return (200, found[0]) if found else (404, {"message": f"no {name}"})

    def _page(self, name: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """A page of a hundred at most, and no word that more were asked for."""
        assert query["pageinate"] == "true"
        rows = [one for one in self.lists[name] if _fits(name, one, query)]
        size = min(self.most, int(query["page_size"]))
        first = (int(query["page_no"]) - 1) * size
        told = {"page_no": int(query["page_no"]), "page_size": int(query["page_size"])}
        count = {"record_count": len(rows)} if self.counted else {}
        return 200, {**told, **count, NAMES[name]: rows[first : first + size]}

    def _time(self, query: Mapping[str, str]) -> tuple[int, Any]:
        days = (query["startdate"], query["enddate"])
        rows = [
            one
            for one in self.actions
            if not isinstance(one, dict) or days[0] < one.get("datetime", days[1][:-1]) < days[1]
        ]
        count = {"record_count": len(rows)} if self.counted else {}
        return 200, {**count, "actions": rows[: self.most]}

    def _take(self, name: str, told: list[dict[str, Any]]) -> tuple[int, Any]:
        [one] = told
        if "id" in one:
            [found] = [row for row in self.lists[name] if row["id"] == one["id"]]
            found.update(one)
            return 200, found
        if not one.get(NEEDED[name]):
            return 400, {"message": f"{NEEDED[name]} is wanted"}
        made = {**one, "id": 100 + len(self.lists[name])}
        self.lists[name].append(made)
        return 201, made


def invoice(number: int, contract: int, lines: list[Any]) -> dict[str, Any]:
    return {
        "id": number,
        "client_id": 2,
        "contract_id": contract,
        "reference": f"Recurring {number}",
        "periodname": "Monthly",
        "startdate": "2026-01-01T00:00:00",
        "enddate": NEVER,
        "lines": lines,
    }


def line(number: int, description: str, price: float, quantity: float) -> dict[str, Any]:
    told = {"id": number, "item_shortdescription": description}
    return {**told, "unit_price": price, "qty_order": quantity, "contract_id": 0}


def _fits(name: str, row: Any, query: Mapping[str, str]) -> bool:
    if not isinstance(row, dict):
        return True
    since = query.get("lastupdatefromdate")
    if since and row.get(CHANGED[name], "") < since.rstrip("Z"):
        return False
    wanted = query.get("search_supplier_reference")
    if wanted and wanted not in row.get("supplier_reference", ""):
        return False
    return "search" not in query or query["search"] in row.get("inventory_number", "")
