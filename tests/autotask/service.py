"""An Autotask of ours: a zone that may move, queries by POST whose links take POST alone, numbers
with labels, an hour's budget, and refusals by a 500 with what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx

USER, SECRET, CODE = "api@mymsp.example", "secret-canary", "code-canary"
LOOKUP: Final = "webservices.autotask.net"
ROOT: Final = "/ATServicesRest"
NOW: Final = "Tue, 01 Sep 2026 12:00:00 GMT"
OLD: Final = "2026-08-03T07:30:00Z"
PICKLISTS: Final[dict[str, dict[str, dict[int, str]]]] = {
    "Tickets": {
        "status": {1: "New", 5: "Complete"},
        "priority": {1: "High", 2: "Medium"},
        "ticketType": {1: "Service Request", 2: "Incident"},
        "queueID": {8: "Level I Support", 9: "Invoices"},
    },
    "ConfigurationItems": {"configurationItemType": {3: "Workstation", 4: "Server"}},
    "Contracts": {"contractPeriodType": {1: "Monthly", 2: "Quarterly", 3: "Semi-Annual"}},
}
NEEDED: Final = {
    "Tickets": ("companyID", "title", "status", "priority", "queueID"),
    "ConfigurationItems": ("companyID", "productID"),
    "TimeEntries": ("resourceID", "roleID", "dateWorked", "ticketID"),
}


def entry(number: int, day: str = "2026-08-20", at: str = OLD) -> dict[str, Any]:
    return {
        "id": number,
        "ticketID": 31,
        "resourceID": 5,
        "roleID": 7,
        "contractID": 12,
        "billingCodeID": 21,
        "isNonBillable": False,
        "dateWorked": f"{day}T00:00:00Z",
        "startDateTime": f"{day}T08:00:00Z",
        "endDateTime": f"{day}T09:30:00Z",
        "hoursWorked": 1.25,
        "hoursToBill": 1.5,
        "summaryNotes": "Cable",
        "lastModifiedDateTime": at,
    }


def units(number: int, service: int, start: str, count: int) -> dict[str, Any]:
    first = f"{start}T00:00:00Z"
    return {"id": number, "contractServiceID": service, "startDate": first, "units": count}


class Autotask(httpx.BaseTransport):
    def __init__(self, entries: int = 3, page_max: int = 500) -> None:
        self.zone = "webservices5.autotask.net"
        self.page_max = page_max
        self.time: str | None = NOW
        self.links = True
        self.users = {USER}
        self.used = 120
        self.asked: list[str] = []
        self.lists: dict[str, list[Any]] = {
            "Companies": [
                {"id": 0, "companyName": "My MSP", "lastActivityDate": OLD, "currencyID": 1},
                {
                    "id": 2,
                    "companyName": "Acme Dental",
                    "companyNumber": "K-1",
                    "postalCode": "62701",
                    "countryID": 237,
                    "currencyID": 1,
                    "lastActivityDate": OLD,
                    "lastTrackedModifiedDateTime": OLD,
                },
            ],
            "Contacts": [
                {
                    "id": 8,
                    "companyID": 2,
                    "firstName": "Zoe",
                    "lastName": "Park",
                    "emailAddress": "zoe@acme.example",
                    "isActive": 1,
                    "lastModifiedDate": OLD,
                }
            ],
            "Resources": [{"id": 5, "firstName": "Ann", "lastName": "Lee", "title": "Engineer"}],
            "Tickets": [
                {
                    "id": 31,
                    "title": "Printer",
                    "companyID": 2,
                    "contractID": 12,
                    "status": 1,
                    "priority": 2,
                    "ticketType": 1,
                    "assignedResourceRoleID": 7,
                    "createDate": OLD,
                    "completedDate": None,
                    "lastActivityDate": OLD,
                    "serviceLevelAgreementHasBeenMet": True,
                }
            ],
            "TimeEntries": [entry(number) for number in range(1, entries + 1)],
            "ConfigurationItems": [
                {
                    "id": 41,
                    "companyID": 2,
                    "referenceTitle": "PC-01",
                    "configurationItemType": 3,
                    "isActive": True,
                    "serialNumber": "SER-00041",
                    "rMMDeviceAuditMacAddress": "00:1B:44:11:3A:B7",
                    "productID": 12,
                    "lastModifiedTime": OLD,
                }
            ],
            "Contracts": [
                {
                    "id": 12,
                    "contractName": "Care",
                    "companyID": 2,
                    "contractPeriodType": 1,
                    "contractType": 7,
                    "startDate": "2026-01-01T00:00:00Z",
                    "endDate": "2026-12-31T00:00:00Z",
                }
            ],
            "ContractServices": [
                {
                    "id": 3,
                    "contractID": 12,
                    "serviceID": 17,
                    "invoiceDescription": "Managed workplace",
                    "unitPrice": 49.9,
                }
            ],
            "ContractServiceUnits": [
                units(1, 3, "2026-01-01", 10),
                units(2, 3, "2026-02-01", 10),
                units(3, 3, "2026-02-14", 12),
                units(4, 3, "2026-03-01", 12),
            ],
            "ContractServiceBundles": [
                {"id": 4, "contractID": 12, "serviceBundleID": 18, "unitPrice": 250.5}
            ],
            "ContractServiceBundleUnits": [
                {"id": 1, "contractServiceBundleID": 4, "startDate": "2026-01-01", "units": 1}
            ],
            "BillingItems": [],
            "Invoices": [],
            "TicketCharges": [
                {
                    "id": 6,
                    "ticketID": 31,
                    "name": "Cable",
                    "extendedCost": 12.5,
                    "datePurchased": "2026-08-20T00:00:00Z",
                    "createDate": OLD,
                }
            ],
            "ContractCharges": [
                {
                    "id": 6,
                    "contractID": 12,
                    "name": "Licence",
                    "extendedCost": 80,
                    "datePurchased": "2026-08-20T00:00:00Z",
                    "createDate": OLD,
                }
            ],
            "Currencies": [
                {"id": 1, "name": "USD", "description": "US Dollar", "isInternalCurrency": True},
                {"id": 2, "name": "Euro", "description": "EUR", "isInternalCurrency": False},
            ],
            "Countries": [{"id": 237, "countryCode": "US", "name": "United States"}],
            "BillingCodes": [{"id": 21, "name": "Remote"}, {"id": 22, "name": "On site"}],
            "Services": [{"id": 17, "name": "Workplace"}],
            "ServiceBundles": [{"id": 18, "name": "Everything"}],
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.read() or b"null")
        path = request.url.path.removeprefix(f"{ROOT}/V1.0/")
        self.asked.append(f"{request.method} {path}")
        if path == "ZoneInformation" and request.url.host == LOOKUP:
            told = {"zoneName": "5", "url": f"https://{self.zone}{ROOT}/", "cI": 1}
            return httpx.Response(200, json=told, request=request)
        login = [request.headers.get(one) for one in ("UserName", "Secret", "ApiIntegrationCode")]
        if request.url.host != self.zone or login != [*self.users, SECRET, CODE]:
            return httpx.Response(401, json={"errors": ["not here"]}, request=request)
        status, answer = self._answer(request, path, body)
        headers = {"date": self.time} if self.time else {}
        return httpx.Response(status, json=answer, headers=headers, request=request)

    def _answer(self, request: httpx.Request, path: str, body: Any) -> tuple[int, Any]:
        if path == "ThresholdInformation":
            told = {"currentTimeframeRequestCount": self.used, "externalRequestThreshold": 10_000}
            return 200, {**told, "requestThresholdTimeframe": 60}
        entity, _, rest = path.partition("/")
        if request.method == "GET" and rest == "entityInformation/fields":
            return 200, {"fields": [_field(*one) for one in PICKLISTS.get(entity, {}).items()]}
        if rest.startswith("query"):
            if request.method != "POST":
                return 405, {"Message": "does not support http method 'GET'."}
            return self._query(request, entity, rest, body)
        if request.method == "GET":
            found = [one for one in self.lists[entity] if str(one["id"]) == rest]
            return (200, {"item": found[0]}) if found else (404, {"errors": ["not found"]})
        return self._make(entity, body) if request.method == "POST" else self._change(entity, body)

    def _query(
        self, request: httpx.Request, entity: str, rest: str, body: Mapping[str, Any]
    ) -> tuple[int, Any]:
        """Conditions are those of the body, on every page."""
        rows = [one for one in self.lists[entity] if _fits_all(one, body["filter"])]
        if rest == "query/count":
            return 200, {"queryCount": len(rows)}
        after = int(unquote(request.url.params.get("paging", "-1")))
        left = [
            one for one in rows if not isinstance(one, dict) or one.get("id", after + 1) > after
        ]
        given = left[: min(self.page_max, body["maxRecords"])]
        link = None
        if len(given) < len(left) and self.links:
            paging = quote(str(given[-1]["id"]))
            link = f"https://{self.zone}{ROOT}/V1.0/{entity}/query/next?paging={paging}"
        details = {"count": len(given), "requestCount": 500, "nextPageUrl": link}
        fields = body.get("includeFields")
        told = [{f: one[f] for f in fields if f in one} if fields else one for one in given]
        return 200, {"items": told, "pageDetails": {**details, "prevPageUrl": None}}

    def _make(self, entity: str, told: dict[str, Any]) -> tuple[int, Any]:
        missing = [one for one in NEEDED[entity] if told.get(one) is None]
        if missing:
            return 500, {"errors": [f"Missing required field: {one}." for one in missing]}
        made = {**told, "id": 100 + len(self.lists[entity])}
        self.lists[entity].append(made)
        return 200, {"itemId": made["id"]}

    def _change(self, entity: str, told: dict[str, Any]) -> tuple[int, Any]:
        [found] = [one for one in self.lists[entity] if one["id"] == told["id"]]
        found.update(told)
        return 200, {"itemId": told["id"]}


def _field(name: str, labels: Mapping[int, str]) -> dict[str, Any]:
    values = [{"value": str(one), "label": label} for one, label in labels.items()]
    return {"name": name, "dataType": "integer", "isPickList": True, "picklistValues": values}


def _fits_all(row: Any, conditions: list[Any]) -> bool:
    return not isinstance(row, dict) or all(_fits(row, one) for one in conditions)


def _fits(row: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    if one["op"] == "or":
        assert len(one["items"]) <= 500
        return any(_fits(row, inner) for inner in one["items"])
    if one["op"] == "exist":
        return row.get(one["field"]) is not None
    assert one["op"] != "in" or len(one["value"]) <= 500
    operators: dict[str, Callable[[Any, Any], bool]] = {
        "gte": lambda value, wanted: value >= wanted,
        "eq": lambda value, wanted: value == wanted,
        "in": lambda value, wanted: value in wanted,
        "contains": lambda value, wanted: wanted in value,
    }
    value = row.get(one["field"], 0 if one["field"] == "id" else None)
    return value is not None and bool(operators[one["op"]](value, one["value"]))
