"""The QuickBooks connector in front of a company of ours, and what it is given to post: requests
and answers are held against a document of its API, as far as that goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import httpx
from tests.openapi import spec

from tallystick.testing.contract import ConnectorContract
from tallystick_quickbooks import QUICKBOOKS

from .service import COMPANY, Company, customer

SETTINGS = {
    "client_id": "abc",
    "client_secret": "s3cret-canary",
    "refresh_token": "refresh-0",
    "company": COMPANY,
    "tax_codes": {"standard": "20.0% S", "sales": "TAX"},
    "items": {"4100": "Workshop"},
}
D = Decimal
SPECIFIED = {"customer", "invoice", "payment", "account", "query"}
"""The document at hand has no credit memos and no journal entries."""
LISTS = {
    "customer": ("Customer",),
    "invoice": ("Invoice", "CreditMemo"),
    "payment": ("Payment", "JournalEntry"),
    "entry": ("JournalEntry",),
}
CUSTOMER = {"id": "psa:7", "name": "Acme Dental LLC", "vat_id": "GB123", "country": "GB"}
NOTE = "Tallystick client psa:7"


def line(net: str, **more: Any) -> dict[str, Any]:
    made = {"description": "Managed PC", "account": "4000", "net": D(net)}
    return {**made, "tax_category": "standard", "tax_percent": D("20"), **more}


def invoice(*lines: Mapping[str, Any], tax: str, gross: str, **more: Any) -> dict[str, Any]:
    category, percent = lines[0]["tax_category"], lines[0]["tax_percent"]
    return {
        "number": "INV-2026-0001",
        "kind": "invoice",
        "client": "psa:7",
        "client_name": "Acme Dental LLC",
        "issued_on": date(2026, 8, 31),
        "due_on": date(2026, 9, 14),
        "currency": "GBP",
        "lines": list(lines),
        "tax": [{"category": category, "percent": percent, "account": "2200", "amount": D(tax)}],
        "gross": D(gross),
        **more,
    }


INVOICE = invoice(line("100.00"), tax="20.00", gross="120.00")
CREDIT = invoice(line("-50.00"), tax="-10.00", gross="-60.00", number="CN-1", kind="credit_note")


def payment(amount: str, of: str = "INV-2026-0001") -> dict[str, Any]:
    return {
        "id": "bank:main:7:0",
        "client": "psa:7",
        "invoice": of,
        "paid_on": date(2026, 9, 10),
        "amount": D(amount),
        "currency": "GBP",
        "account": "Checking",
        "receivable": "Accounts Receivable (A/R)",
    }


def entry(*legs: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "id": "recognise:1",
        "on": date(2026, 8, 31),
        "narration": "Earned in August",
        "postings": [
            {"account": account, "amount": D(amount), "currency": currency}
            for account, amount, currency in legs
        ],
    }


EARNED = entry(("Deferred", "40.00", "GBP"), ("4000", "-40.00", "GBP"))


def of_document(request: httpx.Request) -> httpx.Request | None:
    """The request as the document knows it, without the query keys it leaves out; None for the
    login, and for what is not in it."""
    kind = request.url.path.removeprefix(f"/v3/company/{COMPANY}/").partition("/")[0]
    if kind not in SPECIFIED:
        return None
    url = request.url.copy_remove_param("requestid").copy_remove_param("minorversion")
    content = json.dumps(without_lines(json.loads(request.content))) if request.content else None
    kept = {"content-type": "application/json"}
    return httpx.Request(request.method, url, headers=kept, content=content)


def without_lines(told: dict[str, Any]) -> dict[str, Any]:
    """A payment is judged without its lines: the document gives it those of a bill."""
    payment = told.get("Payment", told)
    if "PaymentRefNum" in payment:
        payment.pop("Line", None)
    return told


class Judged(httpx.BaseTransport):
    """The company, held against the document where that has the path."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        known = of_document(request)
        response = self.company.handle_request(request)
        if known is not None:
            document = spec("quickbooks/openapi.yaml")
            document.check_request(known)
            if response.is_success and not known.url.path.endswith("/query"):
                told = without_lines(json.loads(response.read()))
                document.check_answer(known.method, known.url.path, response.status_code, told)
        return response


class Kit(ConnectorContract):
    connector = QUICKBOOKS
    settings: ClassVar = SETTINGS
    pushes: ClassVar = {
        "customer": CUSTOMER,
        "invoice": {**INVOICE, "number": "key-1"},
        "payment": payment("120.00"),
        "entry": EARNED,
    }

    def vendor(self) -> httpx.BaseTransport:
        """With the customer and the invoice that what is pushed speaks of."""
        company = with_customer()
        company.lists["Invoice"].append(
            {
                "Id": "500",
                "SyncToken": "0",
                "DocNumber": "INV-2026-0001",
                "CustomerRef": {"value": "4"},
                "CurrencyRef": {"value": "GBP"},
                "TotalAmt": 120.0,
                "Balance": 120.0,
                "TxnTaxDetail": {"TotalTax": 20.0},
            }
        )
        return Judged(company)

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        before = 4 if record == "customer" else int(record == "invoice")
        return sum(len(vendor.company.lists[name]) for name in LISTS[record]) - before

    def conforms(self, request: httpx.Request) -> None:
        known = of_document(request)
        if known is not None:
            spec("quickbooks/openapi.yaml").check_request(known)


KIT = Kit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened


def with_customer() -> Company:
    company = Company()
    company.lists["Customer"].append(customer(4, DisplayName="Acme", Notes=f"VIP\n{NOTE}"))
    return company
