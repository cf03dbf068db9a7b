"""A ConnectWise of ours: a code base that may move, forward-only pages behind links, conditions
that only a link as given keeps, JSON Patch, and answers without what the document requires."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

COMPANY, PUBLIC, PRIVATE, CLIENT = "mymsp", "public-canary", "private-canary", "client-1"
LOGIN = base64.b64encode(f"{COMPANY}+{PUBLIC}:{PRIVATE}".encode()).decode()
HOST = "https://api-na.myconnectwise.net"
NOW = "Tue, 01 Sep 2026 12:00:00 GMT"
OLD = "2026-08-03T07:30:00Z"
TEXT = re.compile(r'^(\w+)="([^"]*)"$')
LATER = re.compile(r"^(\w+)(>=?)\[([^\]]+)\]$")
FIELD = re.compile(r'^caption="([^"]*)" AND value="([^"]*)"$')


def info(at: str = OLD) -> dict[str, str]:
    return {"lastUpdated": at, "updatedBy": "ann", "dateEntered": OLD, "enteredBy": "ann"}


def entry(number: int, day: str = "2026-08-20", at: str = OLD) -> dict[str, Any]:
    return {
        "id": number,
        "company": {"id": 2, "identifier": "Acme", "name": "Acme Dental"},
        "ticket": {"id": 31, "summary": "Printer"},
        "agreement": {"id": 12, "name": "Care"},
        "member": {"id": 5, "identifier": "ann", "name": "Ann Lee"},
        "workType": {"id": 1, "name": "Remote"},
        "timeStart": f"{day}T08:00:00Z",
        "timeEnd": f"{day}T09:30:00Z",
        "actualHours": 1.25,
        "billableOption": "Billable",
        "notes": "Cable",
        "status": "Open",
        "_info": info(at),
    }


class ConnectWise(httpx.BaseTransport):
    def __init__(self, entries: int = 3, page_max: int = 1000) -> None:
        self.code_base = "v2025_1"
        self.page_max = page_max
        self.time: str | None = NOW
        self.links = True
        self.asked: list[str] = []
        company = {"id": 2, "identifier": "Acme", "name": "Acme Dental"}
        self.lists: dict[str, list[Any]] = {
            "/company/companies": [
                {
                    **company,
                    "accountNumber": "K-1",
                    "zip": "10115",
                    "taxIdentifier": "DE1",
                    "_info": info(),
                }
            ],
            "/company/contacts": [
                {
                    "id": 8,
                    "firstName": "Zoe",
                    "lastName": "Park",
                    "company": company,
                    "inactiveFlag": False,
                    "communicationItems": [
                        {"id": 1, "value": "555-0100", "communicationType": "Phone"},
                        {"id": 2, "value": "zoe@acme.example", "communicationType": "Email"},
                    ],
                    "_info": info(),
                }
            ],
            "/system/members": [{"id": 5, "identifier": "ann", "_info": info()}],
            "/service/tickets": [self._ticket(31, "Printer", company)],
            "/company/configurations": [
                {
                    "id": 41,
                    "name": "PC-01",
                    "company": company,
                    "type": {"id": 3, "name": "Managed Workstation"},
                    "status": {"id": 1, "name": "Active"},
                    "serialNumber": "SER-00041",
                    "macAddress": "00:1B:44:11:3A:B7",
                    "_info": info(),
                }
            ],
            "/finance/agreements": [
                {
                    "id": 12,
                    "name": "Care",
                    "company": company,
                    "currency": {"id": 7, "currencyCode": "USD"},
                    "startDate": "2026-01-01T00:00:00Z",
                    "endDate": "2026-12-31T00:00:00Z",
                    "billingCycle": {"id": 2, "name": "Monthly"},
                    "billAmount": 250.5,
                    "_info": info(),
                }
            ],
            "/finance/agreements/12/additions": [
                self._addition(3, "Managed workplace", "Billable"),
                self._addition(4, "A present", "DoNotBill"),
            ],
            "/time/entries": [entry(number) for number in range(1, entries + 1)],
        }

    @staticmethod
    def _addition(number: int, description: str, billed: str) -> dict[str, Any]:
        return {
            "id": number,
            "agreementId": 12,
            "description": description,
            "quantity": 12.0,
            "lessIncluded": 2.0,
            "unitPrice": 49.9,
            "billCustomer": billed,
            "effectiveDate": "2026-01-01T00:00:00Z",
            "_info": info(),
        }

    @staticmethod
    def _ticket(number: int, summary: str, company: Any, **more: Any) -> dict[str, Any]:
        status = {"id": 1, "name": "New"}
        told = {"id": number, "summary": summary, "company": company, "status": status}
        return {**told, "priority": {"id": 4, "name": "Low"}, "_info": info(), **more}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        path, query = request.url.path, dict(request.url.params)
        self.asked.append(f"{request.method} {path}")
        if path == f"/login/companyinfo/{COMPANY}":
            told = {"CompanyName": "My MSP", "Codebase": f"{self.code_base}/", "IsCloud": True}
            return httpx.Response(200, json=told, request=request)
        start = f"/{self.code_base}/apis/3.0"
        if not path.startswith(f"{start}/"):
            return httpx.Response(404, text="not here", request=request)
        if request.headers.get("authorization") != f"Basic {LOGIN}":
            return httpx.Response(401, json={"code": "Unauthorized"}, request=request)
        if request.headers.get("clientid") != CLIENT:
            return httpx.Response(401, json={"code": "ClientId"}, request=request)
        status, answer, link = self._answer(request.method, path.removeprefix(start), query, body)
        headers = {"date": self.time} if self.time else {}
        if link and self.links:
            headers["link"] = f'<{HOST}{start}{link}>; rel="next"'
        return httpx.Response(status, json=answer, headers=headers, request=request)

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, Any, str | None]:
        above, _, ref = path.rpartition("/")
        if path == "/system/info":
            return 200, {"version": "v2025.1.1", "isCloud": True}, None
        if method == "GET" and ref == "count":
            return 200, {"count": len([one for one in self.lists[above] if fits(one, query)])}, None
        if method == "GET" and path in self.lists:
            return self._page(path, query)
        if method == "POST" and path in self.lists:
            return self._make(path, json.loads(body))
        found = [one for one in self.lists.get(above, ()) if str(one["id"]) == ref]
        if not found:
            return 404, {"code": "NotFound", "message": f"{path} not found"}, None
        if method == "PATCH":
            for step in json.loads(body):
                assert step["op"] == "replace", step
                found[0][step["path"]] = step["value"]
        return 200, found[0], None

    def _page(self, path: str, query: Mapping[str, str]) -> tuple[int, Any, str | None]:
        """Conditions hold only where they are asked for, on every page."""
        size = min(self.page_max, int(query.get("pageSize", 25)))
        after = int(query.get("pageId", 0))
        rows = [
            one
            for one in self.lists[path]
            if not isinstance(one, dict) or (one.get("id", after + 1) > after and fits(one, query))
        ]
        if len(rows) <= size:
            return 200, rows, None
        following = urlencode({**query, "pageId": rows[size - 1]["id"]})
        return 200, rows[:size], f"{path}?{following}"

    def _make(self, path: str, told: dict[str, Any]) -> tuple[int, Any, None]:
        needed = "summary" if path == "/service/tickets" else "name"
        if not told.get(needed):
            errors = [{"code": "MissingRequiredField", "message": f"The {needed} is required"}]
            return 400, {"code": "InvalidObject", "message": "invalid", "errors": errors}, None
        made = {**told, "id": 100 + len(self.lists[path]), "_info": info()}
        self.lists[path].append(made)
        return 201, made, None


def fits(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    asked = query.get("conditions")
    if asked and not any(_holds(row, one) for one in asked.split(" or ")):
        return False
    if custom := query.get("customFieldConditions"):
        match = FIELD.match(custom)
        assert match, custom
        wanted = (match[1], match[2])
        return wanted in [(one.get("caption"), one["value"]) for one in row.get("customFields", ())]
    return True


def _holds(row: Mapping[str, Any], condition: str) -> bool:
    if match := TEXT.match(condition):
        return bool(row.get(match[1]) == match[2])
    match = LATER.match(condition)
    assert match, f"no condition of theirs: {condition}"
    value = row["_info"]["lastUpdated"] if match[1] == "lastUpdated" else row[match[1]]
    return bool(value >= match[3] if match[2] == ">=" else value > match[3])
