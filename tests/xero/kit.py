"""The Xero connector in front of an organisation of ours, and what it is given to post: each
request and answer is held against the document of Xero's API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import httpx
from tests.openapi import spec

from tallystick.testing.contract import ConnectorContract
from tallystick_xero import XERO

from .service import TENANT, Organisation, contact

SETTINGS = {
    "client_id": "abc",
    "client_secret": "s3cret-canary",
    "refresh_token": "refresh-0",
    "tenant": TENANT,
    "tax_types": {"standard": "OUTPUT2", "standard 5": "RROUTPUT"},
}
D = Decimal
LISTS = {
    "customer": ("Contacts",),
    "invoice": ("Invoices", "CreditNotes"),
    "payment": ("Payments",),
    "entry": ("ManualJournals", "BankTransactions"),
}
CUSTOMER = {"id": "psa:7", "name": "Acme Dental LLC", "vat_id": "DE123", "country": "DE"}


def line(net: str, **more: Any) -> dict[str, Any]:
    made = {"description": "Managed PC", "account": "200", "net": D(net)}
    return {**made, "tax_category": "standard", "tax_percent": D("19"), **more}


def invoice(*lines: Mapping[str, Any], tax: str, gross: str, **more: Any) -> dict[str, Any]:
    return {
        "number": "INV-2026-0001",
        "kind": "invoice",
        "client": "psa:7",
        "client_name": "Acme Dental LLC",
        "issued_on": date(2026, 8, 31),
        "due_on": date(2026, 9, 14),
        "currency": "EUR",
        "lines": list(lines),
        "tax": [{"category": "standard", "percent": D("19"), "account": "820", "amount": D(tax)}],
        "gross": D(gross),
        **more,
    }


INVOICE = invoice(line("100.00"), tax="19.00", gross="119.00")
CREDIT = invoice(line("-50.00"), tax="-9.50", gross="-59.50", number="CN-1", kind="credit_note")


def payment(amount: str, of: str = "INV-2026-0001", account: str = "090") -> dict[str, Any]:
    return {
        "id": "bank:main:7:0",
        "client": "psa:7",
        "invoice": of,
        "paid_on": date(2026, 9, 10),
        "amount": D(amount),
        "currency": "EUR",
        "account": account,
    }


def entry(*legs: tuple[str, str], currency: str = "EUR") -> dict[str, Any]:
    return {
        "id": "recognise:1",
        "on": date(2026, 8, 31),
        "narration": "Earned in August",
        "postings": [
            {"account": account, "amount": D(amount), "currency": currency}
            for account, amount in legs
        ],
    }


EARNED = entry(("835", "40.00"), ("200", "-40.00"))


class Judged(httpx.BaseTransport):
    """The organisation, but for its login held against the vendor's document."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._judged = spec("xero/accounting.yaml", "/api.xro/2.0").judged(organisation)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        login = request.url.host == "identity.xero.com"
        return (self.organisation if login else self._judged).handle_request(request)


class Kit(ConnectorContract):
    connector = XERO
    settings: ClassVar = SETTINGS
    pushes: ClassVar = {
        "customer": CUSTOMER,
        "invoice": {**INVOICE, "number": "key-1"},
        "payment": payment("119.00"),
        "entry": EARNED,
    }

    def vendor(self) -> httpx.BaseTransport:
        """With the customer and the invoice that what is pushed speaks of."""
        organisation = Organisation()
        ours = {"Name": "Acme", "ContactNumber": "psa:7", "IsCustomer": False}
        organisation.lists["Contacts"].append(contact(4, **ours))
        organisation.lists["Invoices"].append(
            {
                "InvoiceID": "22222222-0000-4000-8000-000000000001",
                "InvoiceNumber": "INV-2026-0001",
                "Type": "ACCREC",
                "Status": "AUTHORISED",
                "CurrencyCode": "EUR",
                "Total": 119.0,
                "TotalTax": 19.0,
                "AmountDue": 119.0,
            }
        )
        return Judged(organisation)

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        before = 4 if record == "customer" else int(record == "invoice")
        return sum(len(vendor.organisation.lists[name]) for name in LISTS[record]) - before

    def conforms(self, request: httpx.Request) -> None:
        if request.url.host != "identity.xero.com":
            spec("xero/accounting.yaml", "/api.xro/2.0").check_request(request)


KIT = Kit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened
