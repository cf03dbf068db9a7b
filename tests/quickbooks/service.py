"""A QuickBooks company of ours: it remembers, answers queries, replays request ids, and refuses
what QuickBooks refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx

COMPANY = "4620816365037572030"
ROOT = f"/v3/company/{COMPANY}/"
KINDS = ("Customer", "Invoice", "CreditMemo", "Payment", "JournalEntry")
Row = dict[str, Any]
_QUERY = re.compile(
    r"select \* from (\w+)(?: where (.+?))?(?: orderby Id)?"
    r"(?: startposition (\d+) maxresults (\d+))?"
)


def customer(number: int, **more: Any) -> Row:
    return {
        "Id": str(number),
        "SyncToken": "0",
        "DisplayName": f"Client {number:04}",
        "Active": True,
        "PrimaryEmailAddr": {"Address": f"mail@client-{number}.example"},
        "BillAddr": {"Line1": "1 Main St", "City": "Springfield", "PostalCode": "12345"},
        "Balance": 0,
        "MetaData": {"LastUpdatedTime": f"2026-06-01T00:{number // 60:02}:{number % 60:02}+00:00"},
        **more,
    }


class Refused(Exception):
    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Company(httpx.BaseTransport):
    """`cap` is how many rows a query gives at most, whatever was asked for."""

    def __init__(self, customers: int = 3, cap: int = 1000) -> None:
        self.lists: dict[str, list[Row]] = {name: [] for name in KINDS}
        self.lists["Customer"] = [customer(n) for n in range(1, customers + 1)]
        receivable = "Accounts Receivable"
        self.lists["Account"] = [
            {"Id": "35", "Name": "Checking", "AccountType": "Bank"},
            {"Id": "79", "Name": "Managed services", "AcctNum": "4000", "AccountType": "Income"},
            {"Id": "80", "Name": "Projects", "AcctNum": "4100", "AccountType": "Income"},
            {"Id": "84", "Name": f"{receivable} (A/R)", "AccountType": receivable},
            {"Id": "90", "Name": "Deferred", "AccountType": "Other Current Liability"},
        ]
        self.lists["Item"] = [
            {"Id": "1", "Name": "Managed PC", "IncomeAccountRef": {"value": "79"}},
            {"Id": "2", "Name": "Project", "IncomeAccountRef": {"value": "80"}},
            {"Id": "3", "Name": "Workshop", "IncomeAccountRef": {"value": "80"}},
        ]
        rates = {"TaxRateDetail": [{"TaxRateRef": {"value": "7"}}]}
        self.lists["TaxCode"] = [{"Id": "6", "Name": "20.0% S", "SalesTaxRateList": rates}]
        self.lists["CompanyInfo"] = [{"Id": "1", "CompanyName": "Sample MSP", "Country": "GB"}]
        self.preferences: Row = {"SalesFormsPrefs": {"CustomTxnNumbers": True}}
        self.lists["Preferences"] = [self.preferences]
        self.cap = cap
        self.now = "2026-06-03T08:20:00.000-07:00"
        self.before_change: Callable[[], None] = lambda: None
        self.good = {"refresh-0"}
        self.shown: list[str] = []
        self.tokens = 0
        self.refusing: set[str] = set()
        self.asked: list[httpx.Request] = []
        self._kept: dict[str, Row] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        status, body = self.answer(request)
        return httpx.Response(status, json=body, request=request)

    def answer(self, request: httpx.Request) -> tuple[int, Any]:
        if request.url.host == "oauth.platform.intuit.com":
            return self._token(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != f"access-{self.tokens}" or token in self.refusing:
            return 401, {"fault": {"error": [{"code": "3200"}], "type": "AUTHENTICATION"}}
        if not request.url.path.startswith(ROOT):
            return 403, {"fault": {"error": [{"code": "3100"}], "type": "AUTHORIZATION"}}
        name, _, wanted = request.url.path.removeprefix(ROOT).partition("/")
        try:
            if name == "query":
                return 200, self._queried(request.url.params["query"])
            [kind] = [one for one in KINDS if one.lower() == name]
            if request.method == "GET":
                return 200, {kind: self._one(kind, wanted), "time": self.now}
            sent = json.loads(request.content, parse_float=Decimal)
            return 200, {kind: self._taken(kind, sent, request.url.params["requestid"])}
        except Refused as error:
            told = {"Message": "No", "Detail": str(error), "code": error.code, "element": ""}
            return 400, {"Fault": {"Error": [told], "type": "ValidationFault"}, "time": self.now}

    def _one(self, kind: str, wanted: str) -> Row:
        for one in self.lists[kind]:
            if one["Id"] == wanted:
                return one
        raise Refused("610", "Object Not Found")

    def _queried(self, text: str) -> Row:
        found = _QUERY.fullmatch(text)
        assert found, f"QuickBooks knows no query {text}"
        kind, where, start, size = found.groups()
        rows = [row for row in self.lists[kind] if fits(row, where or "")]
        if "Active" not in (where or ""):
            rows = [row for row in rows if row.get("Active") is not False]
        first = int(start or 1) - 1
        rows = rows[first : first + min(self.cap, int(size or 100))]
        return {"QueryResponse": {kind: rows} if rows else {}, "time": self.now}

    def _taken(self, kind: str, sent: Row, request_id: str) -> Row:
        assert len(request_id) <= 50
        if request_id in self._kept:
            return self._kept[request_id]
        if "Id" in sent:
            made = self._changed(kind, sent)
        else:
            getattr(self, f"_{kind.lower()}")(sent)
            made = plain({**sent, "Id": str(1000 + len(self._kept)), "SyncToken": "0"})
            self.lists[kind].append(made)
        self._kept[request_id] = made
        return made

    def _changed(self, kind: str, sent: Row) -> Row:
        self.before_change()
        one = self._one(kind, sent["Id"])
        if sent["SyncToken"] != one["SyncToken"]:
            raise Refused("5010", "Stale Object Error: somebody else changed it.")
        one |= sent | {"SyncToken": str(int(one["SyncToken"]) + 1)}
        return one

    def _customer(self, sent: Row) -> None:
        if any(one["DisplayName"] == sent["DisplayName"] for one in self.lists["Customer"]):
            raise Refused("6240", "The name supplied already exists.")
        sent["Active"] = True

    def _invoice(self, sent: Row) -> None:
        self._document("Invoice", sent)

    def _creditmemo(self, sent: Row) -> None:
        self._document("CreditMemo", sent)

    def _document(self, kind: str, sent: Row) -> None:
        if any(one["DocNumber"] == sent["DocNumber"] for one in self.lists[kind]):
            raise Refused("6140", "Duplicate Document Number Error")
        net = Decimal(0)
        for line in sent["Line"]:
            detail = line["SalesItemLineDetail"]
            assert detail["ItemRef"]["value"] in {one["Id"] for one in self.lists["Item"]}
            if "Qty" in detail:
                expected = Decimal(detail["Qty"]) * detail["UnitPrice"]
                if expected.quantize(Decimal("0.01"), ROUND_HALF_UP) != line["Amount"]:
                    raise Refused("6070", "Amount calculation incorrect in the request.")
            net += line["Amount"]
        total = net + sent["TxnTaxDetail"]["TotalTax"]
        if total < 0:
            raise Refused("2090", "Transaction amount must be zero or greater.")
        sent |= {"TotalAmt": total, "Balance": total}

    def _payment(self, sent: Row) -> None:
        assert len(sent["PaymentRefNum"]) <= 21
        if sent["TotalAmt"] <= 0:
            raise Refused("2090", "The amount must be greater than zero.")
        for line in sent["Line"]:
            [linked] = line["LinkedTxn"]
            one = self._one("Invoice", linked["TxnId"])
            left = Decimal(str(one["Balance"])) - line["Amount"]
            if left < 0:
                raise Refused("6000", "The amount is more than the balance of the invoice.")
            one |= {"Balance": float(left), "SyncToken": str(int(one["SyncToken"]) + 1)}

    def _journalentry(self, sent: Row) -> None:
        assert len(sent["DocNumber"]) <= 21
        total = Decimal(0)
        for line in sent["Line"]:
            detail = line["JournalEntryLineDetail"]
            account = self._one("Account", detail["AccountRef"]["value"])
            if account["AccountType"] == "Accounts Receivable" and "Entity" not in detail:
                raise Refused("6000", "You must select a customer for Accounts Receivable.")
            total += line["Amount"] * (1 if detail["PostingType"] == "Debit" else -1)
        if total:
            raise Refused("6000", "Debits do not equal credits.")

    def _token(self, request: httpx.Request) -> tuple[int, Any]:
        """Refresh tokens are good once, but for the first, with which every test begins anew."""
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        self.shown.append(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or self.shown[-1] not in self.good:
            return 400, {"error": "invalid_grant"}
        self.tokens += 1
        self.good = self.good & {"refresh-0"} | {f"refresh-{self.tokens}"}
        return 200, {
            "access_token": f"access-{self.tokens}",
            "refresh_token": f"refresh-{self.tokens}",
            "expires_in": 3600,
            "token_type": "bearer",
        }


def fits(row: Row, where: str) -> bool:
    """Whether a row is one the query asks for."""
    for part in filter(None, where.split(" and ")):
        if part == "Active in (true, false)":
            continue
        found = re.fullmatch(r"([\w.]+) (=|>) '((?:[^'\\]|\\.)*)'", part)
        assert found, f"QuickBooks knows no condition {part}"
        value: Any = row
        for step in found[1].split("."):
            value = (value or {}).get(step)
        wanted = re.sub(r"\\(.)", r"\1", found[3])
        if found[2] == "=":
            good = value == wanted
        elif isinstance(value, str):
            good = value > wanted
        else:
            good = Decimal(str(value)) > Decimal(wanted)
        if not good:
            return False
    return True


def plain(value: Any) -> Any:
    """As JSON tells it: amounts are numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
