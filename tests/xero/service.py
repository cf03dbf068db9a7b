"""A Xero organisation of ours: it remembers, and refuses what Xero refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx

ROOT = "/api.xro/2.0/"
TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
CENT = Decimal("0.01")
IDS = {
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
    "ManualJournals": "ManualJournalID",
    "BankTransactions": "BankTransactionID",
}
Row = dict[str, Any]


def account(number: int, code: str | None, name: str, kind: str, **more: Any) -> Row:
    given = f"00000000-0000-4000-8000-{number:012}"
    coded = {"Code": code} if code else {}
    return {"AccountID": given, **coded, "Name": name, "Type": kind, "Status": "ACTIVE", **more}


def contact(number: int, **more: Any) -> Row:
    return {
        "ContactID": f"11111111-0000-4000-8000-{number:012}",
        "ContactStatus": "ACTIVE",
        "Name": f"Client {number:04}",
        "EmailAddress": f"mail@client-{number}.example",
        "IsCustomer": True,
        "Addresses": [
            {"AddressType": "POBOX"},
            {
                "AddressType": "STREET",
                "AddressLine1": "1 Main St",
                "City": "Springfield",
                "PostalCode": "12345",
            },
        ],
        "UpdatedDateUTC": f"/Date({1_780_000_000_000 + number * 1000}+0000)/",
        **more,
    }


class Refused(Exception):
    """What Xero has against a document."""


class Organisation(httpx.BaseTransport):
    """`cap` is how many rows a page has at most, whatever was asked for; `told_with_200` says a
    refusal the way Xero does where errors are not summarized."""

    def __init__(self, contacts: int = 3, cap: int = 1000) -> None:
        self.lists: dict[str, list[Row]] = {name: [] for name in IDS}
        self.lists["Contacts"] = [contact(n) for n in range(1, contacts + 1)]
        self.accounts = [
            account(1, "090", "Business Account", "BANK"),
            account(2, "200", "Managed services", "REVENUE"),
            account(3, "610", "Accounts Receivable", "CURRENT", SystemAccount="DEBTORS"),
            account(4, "835", "Deferred", "CURRLIAB"),
            account(5, "404", "Bank Fees", "OVERHEADS", EnablePaymentsToAccount=True),
            account(6, None, "Old Savings", "BANK"),
            account(7, "999", "Gone", "REVENUE") | {"Status": "ARCHIVED"},
        ]
        self.cap = cap
        self.now_ms = 1_780_500_000_000
        self.told_with_200 = False
        self.good = {"refresh-0"}
        self.shown: list[str] = []
        self.tokens = 0
        self.refusing: set[str] = set()
        self.asked: list[httpx.Request] = []
        self._kept: dict[str, tuple[bytes, tuple[int, Any]]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        status, body = self.answer(request)
        return httpx.Response(status, json=body, request=request)

    def answer(self, request: httpx.Request) -> tuple[int, Any]:
        if request.url.host == "identity.xero.com":
            return self._token(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != f"access-{self.tokens}" or token in self.refusing:
            return 401, {"Title": "Unauthorized", "Detail": "TokenExpired"}
        if request.headers.get("xero-tenant-id") != TENANT:
            return 403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}
        name = request.url.path.removeprefix(ROOT)
        if request.method == "GET":
            return 200, self._listed(name, request)
        kept = self._kept.get(request.headers["idempotency-key"])
        if kept is not None and kept[0] == request.content:
            return kept[1]
        if kept is not None:
            return 400, {"Type": "IdempotencyException", "Message": "The key was used otherwise"}
        answer = self._taken(name, request)
        self._kept[request.headers["idempotency-key"]] = request.content, answer
        return answer

    def _listed(self, name: str, request: httpx.Request) -> Row:
        query = request.url.params
        if name == "Organisation":
            one = {"Name": "Sample MSP", "BaseCurrency": "EUR", "CountryCode": "DE"}
            return {"Organisations": [one]}
        if name == "Accounts":
            return {"Accounts": self.accounts}
        since = request.headers.get("if-modified-since", "")
        rows = [
            row
            for row in self.lists[name]
            if fits(row, query.get("where", "")) and (not since or _changed(row) > since)
        ]
        if query.get("includeArchived") != "true":
            rows = [row for row in rows if row.get("ContactStatus") != "ARCHIVED"]
        rows.sort(key=lambda row: str(row.get(query.get("order", ""))))
        page, size = int(query.get("page", 1)), min(self.cap, int(query.get("pageSize", 100)))
        told = {"page": page, "pageSize": size, "itemCount": len(rows)}
        return {
            "DateTimeUTC": f"/Date({self.now_ms})/",
            "pagination": told,
            name: rows[(page - 1) * size : page * size],
        }

    def _taken(self, name: str, request: httpx.Request) -> tuple[int, Any]:
        [sent] = json.loads(request.content, parse_float=Decimal)[name]
        take: dict[str, Callable[[Row, bool], None]] = {
            "Contacts": self._contact,
            "Invoices": self._invoice,
            "CreditNotes": self._invoice,
            "Payments": self._payment,
            "ManualJournals": self._journal,
            "BankTransactions": self._moved,
        }
        try:
            if request.method == "POST":
                wanted = sent[IDS[name]]
                [row] = [one for one in self.lists[name] if one[IDS[name]] == wanted]
                row |= sent
                return 200, {name: [plain(row)]}
            take[name](sent, request.url.params.get("unitdp") == "4")
        except Refused as error:
            wrong = {"ValidationErrors": [{"Message": str(error)}]}
            if self.told_with_200:
                return 200, {name: [{"StatusAttributeString": "ERROR", **wrong}]}
            message = "A validation exception occurred"
            return 400, {"Type": "ValidationException", "Message": message, "Elements": [wrong]}
        number = len(self.lists[name]) + 1
        sent[IDS[name]] = f"{len(name):08}-0000-4000-8000-{number:012}"
        sent["UpdatedDateUTC"] = f"/Date({1_790_000_000_000 + number * 1000}+0000)/"
        self.lists[name].append(plain(sent))
        return 200, {name: [plain(sent)]}

    def _contact(self, sent: Row, _: bool) -> None:
        if any(one["Name"] == sent["Name"] for one in self.lists["Contacts"]):
            raise Refused(f"The contact name {sent['Name']} is already assigned.")
        sent |= {"ContactStatus": "ACTIVE", "IsCustomer": False}

    def _invoice(self, sent: Row, four_places: bool) -> None:
        credit = sent["Type"] == "ACCRECCREDIT"
        name, field = (
            ("CreditNotes", "CreditNoteNumber") if credit else ("Invoices", "InvoiceNumber")
        )
        if any(one[field] == sent[field] for one in self.lists[name]):
            raise Refused("Invoice # must be unique.")
        for line in sent["LineItems"]:
            self._coded(line)
            if not four_places:
                line["UnitAmount"] = Decimal(line["UnitAmount"]).quantize(CENT)
            expected = (Decimal(line["Quantity"]) * line["UnitAmount"]).quantize(
                CENT, ROUND_HALF_UP
            )
            if expected != Decimal(line["LineAmount"]):
                wrong = f"The line total {line['LineAmount']} does not match {expected}"
                raise Refused(f"{wrong}.")
        net = sum(Decimal(line["LineAmount"]) for line in sent["LineItems"])
        tax = sum(Decimal(line["TaxAmount"]) for line in sent["LineItems"])
        if net + tax < 0:
            raise Refused("The document total must be zero or greater.")
        sent |= {"SubTotal": net, "TotalTax": tax, "Total": net + tax}
        sent["RemainingCredit" if credit else "AmountDue"] = net + tax

    def _payment(self, sent: Row, _: bool) -> None:
        kind = "Invoice" if "Invoice" in sent else "CreditNote"
        [of] = [
            one for one in self.lists[f"{kind}s"] if one[f"{kind}ID"] == sent[kind][f"{kind}ID"]
        ]
        [into] = [one for one in self.accounts if one["AccountID"] == sent["Account"]["AccountID"]]
        if into["Type"] != "BANK" and not into.get("EnablePaymentsToAccount"):
            raise Refused("The account does not take payments.")
        left = "AmountDue" if kind == "Invoice" else "RemainingCredit"
        if not 0 < sent["Amount"] <= Decimal(str(of[left])):
            raise Refused("Payment amount exceeds the amount outstanding on this document.")
        of[left] = float(Decimal(str(of[left])) - sent["Amount"])
        told = ("Type", "CurrencyCode", f"{kind}ID", f"{kind}Number")
        sent[kind] = {name: of[name] for name in told}
        sent |= {
            "Status": "AUTHORISED",
            "PaymentType": "ACCRECPAYMENT" if kind == "Invoice" else "ARCREDITPAYMENT",
        }

    def _journal(self, sent: Row, _: bool) -> None:
        for line in sent["JournalLines"]:
            if self._coded(line)["Type"] == "BANK":
                raise Refused("Bank accounts cannot be used in manual journals.")
        if sum(Decimal(line["LineAmount"]) for line in sent["JournalLines"]):
            raise Refused("The total debits must equal total credits.")

    def _moved(self, sent: Row, _: bool) -> None:
        for line in sent["LineItems"]:
            self._coded(line)
            line["LineAmount"] = Decimal(line["Quantity"]) * line["UnitAmount"]
        total = sum(line["LineAmount"] for line in sent["LineItems"])
        if total <= 0:
            raise Refused("The transaction total must be greater than zero.")
        sent |= {"Status": "AUTHORISED", "Total": total}

    def _coded(self, line: Mapping[str, Any]) -> Row:
        for one in self.accounts:
            if one.get("Code") == line["AccountCode"] and one["Status"] == "ACTIVE":
                if one.get("SystemAccount") == "DEBTORS":
                    raise Refused("Accounts Receivable cannot be used here.")
                return one
        raise Refused(f"Account code {line['AccountCode']!r} is not a valid code.")

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
            "expires_in": 1800,
            "token_type": "Bearer",
        }


def fits(row: Row, where: str) -> bool:
    """Whether a row is one the filter asks for."""
    for part in filter(None, where.split("&&")):
        if found := re.fullmatch(r'(\w+)=="([^"]*)"', part):
            good = row.get(found[1]) == found[2]
        elif found := re.fullmatch(r'(\w+)\.EndsWith\("([^"]*)"\)', part):
            good = str(row.get(found[1])).endswith(found[2])
        else:
            found = re.fullmatch(r"(\w+)==true", part)
            assert found, f"Xero knows no filter {part}"
            good = row.get(found[1]) is True
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


def _changed(row: Row) -> str:
    told = re.match(r"/Date\((\d+)", row.get("UpdatedDateUTC", ""))
    if told is None:
        return ""
    return f"{datetime.fromtimestamp(int(told[1]) / 1000, UTC):%Y-%m-%dT%H:%M:%S}"
