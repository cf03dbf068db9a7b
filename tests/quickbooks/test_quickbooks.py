"""QuickBooks Online: the kit's gold tier, requests and answers held against a document of its API,
and the traps it is known for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest
from tests.openapi import spec

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.money import Money
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, lost_after, status
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


class TestKit(ConnectorContract):
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


KIT = TestKit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened


def with_customer() -> Company:
    company = Company()
    company.lists["Customer"].append(customer(4, DisplayName="Acme", Notes=f"VIP\n{NOTE}"))
    return company


@pytest.fixture
def company() -> Company:
    """One that has our customer."""
    return with_customer()


def test_an_invoice_arrives_as_it_was_issued(company: Company) -> None:
    with session(Judged(company)) as opened:
        ref = opened.push("invoice", INVOICE, "INV-2026-0001")
        found = opened.find("invoice", "INV-2026-0001")
    [theirs] = company.lists["Invoice"]
    assert (theirs["DocNumber"], theirs["DueDate"]) == ("INV-2026-0001", "2026-09-14")
    assert theirs["CustomerRef"] == {"value": "4"}
    detail = theirs["Line"][0]["SalesItemLineDetail"]
    assert detail == {"ItemRef": {"value": "1"}, "TaxCodeRef": {"value": "6"}}
    [tax] = theirs["TxnTaxDetail"]["TaxLine"]
    assert (tax["Amount"], tax["TaxLineDetail"]["TaxRateRef"]) == (20, {"value": "7"})
    assert tax["TaxLineDetail"]["NetAmountTaxable"] == 100
    assert (ref.readback["gross"], ref.readback["currency"]) == (D("120.00"), "GBP")
    assert [one["amount"] for one in ref.readback["tax"]] == [D("20.00")]
    assert found == ref


def test_a_credit_note_is_positive_there_and_negative_here(company: Company) -> None:
    with session(Judged(company)) as opened:
        ref = opened.push("invoice", CREDIT, "CN-1")
        assert opened.find("invoice", "CN-1") == ref
        items = list(opened.open_items())
    assert company.lists["CreditMemo"][0]["TotalAmt"] == 60
    assert ref.readback["gross"] == D("-60.00")
    assert items == [("CN-1", Money(-6000, "GBP"))]


@pytest.mark.parametrize(
    ("quantity", "price", "told"),
    [
        ("8", "12.5", {"Qty": 8, "UnitPrice": 12.5}),
        ("7", "14", {}),
        ("1000", "0.1000001", {}),
        ("0", "3", {}),
    ],
)
def test_quantity_and_price_are_told_where_they_make_the_amount(
    company: Company, quantity: str, price: str, told: Mapping[str, float]
) -> None:
    """Else QuickBooks refuses with 6070."""
    priced = line("100.00", quantity=D(quantity), unit_price=D(price))
    with session(Judged(company)) as opened:
        opened.push("invoice", invoice(priced, tax="20.00", gross="120.00"), "INV-2026-0001")
    detail = company.lists["Invoice"][0]["Line"][0]["SalesItemLineDetail"]
    assert {key: detail[key] for key in ("Qty", "UnitPrice") if key in detail} == told


def test_where_quickbooks_reckons_sales_tax_its_own_codes_are_sent(company: Company) -> None:
    taxed = line("100.00", tax_category="sales", tax_percent=D("8.875"))
    with session(Judged(company)) as opened:
        opened.push("invoice", invoice(taxed, tax="8.88", gross="108.88"), "INV-2026-0001")
    [theirs] = company.lists["Invoice"]
    assert theirs["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    assert theirs["TxnTaxDetail"] == {"TotalTax": 8.88}
    assert "GlobalTaxCalculation" not in theirs


def test_services_taxes_and_accounts_that_are_not_there_are_told_with_what_to_do(
    company: Company,
) -> None:
    def refusal(**more: Any) -> str:
        raw = invoice(line("100.00", **more), tax="20.00", gross="120.00")
        with session(company) as opened, pytest.raises(SkipRecord) as caught:
            opened.push("invoice", raw, "INV-2026-0001")
        return str(caught.value)

    assert '"exempt 0" = "20.0% S"' in refusal(tax_category="exempt", tax_percent=D(0))
    assert "name Income:Fixed" in refusal(account="Income:Fixed")
    assert '"Deferred" = "Services"' in refusal(account="Deferred")
    company.lists["TaxCode"].clear()
    assert "no active tax code named 20.0% S" in refusal()


def test_of_several_services_the_config_names_one(company: Company) -> None:
    raw = invoice(line("100.00", account="4100"), tax="20.00", gross="120.00")
    with session(company) as opened:
        opened.push("invoice", raw, "INV-2026-0001")
    [theirs] = company.lists["Invoice"][0]["Line"]
    assert theirs["SalesItemLineDetail"]["ItemRef"] == {"value": "3"}


def test_nothing_is_posted_where_quickbooks_numbers_invoices_itself(company: Company) -> None:
    company.preferences["SalesFormsPrefs"] = {"CustomTxnNumbers": False}
    with session(company) as opened, pytest.raises(Stop, match="Custom transaction numbers"):
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert company.lists["Invoice"] == []


def test_a_number_too_long_for_quickbooks_is_refused(company: Company) -> None:
    raw = {**INVOICE, "number": "INVOICE-2026-00000001X"}
    with session(company) as opened, pytest.raises(SkipRecord, match="21 characters"):
        opened.push("invoice", raw, raw["number"])


def test_a_number_that_is_there_is_found(company: Company) -> None:
    with session(Judged(company)) as opened:
        first = opened.push("invoice", INVOICE, "INV-2026-0001")
        changed = invoice(line("10.00"), tax="2.00", gross="12.00")
        assert opened.push("invoice", changed, "INV-2026-0001") == first
    assert len(company.lists["Invoice"]) == 1


def test_an_invoice_deleted_there_is_made_anew_under_another_request_id(company: Company) -> None:
    """The same request id would be answered with the dead one."""
    with session(Judged(company)) as opened:
        first = opened.push("invoice", INVOICE, "INV-2026-0001")
        company.lists["Invoice"].clear()
        assert opened.find("invoice", "INV-2026-0001") is None
        second = opened.push("invoice", INVOICE, "INV-2026-0001")
    assert [one["Id"] for one in company.lists["Invoice"]] == [second.id]
    assert first.id != second.id


def test_one_deleted_again_and_again_is_told(company: Company) -> None:
    class Forgetful(Company):
        def _one(self, kind: str, wanted: str) -> Any:
            self.lists["Invoice"].clear()
            return super()._one(kind, wanted)

    forgetful = Forgetful()
    forgetful.lists["Customer"] = company.lists["Customer"]
    with session(forgetful) as opened, pytest.raises(SkipRecord, match="deleted it 9 times"):
        opened.push("invoice", INVOICE, "INV-2026-0001")


def test_a_namesake_without_our_ref_is_taken_over_though_its_copy_was_stale() -> None:
    company = Company()
    company.lists["Customer"][1] |= {"DisplayName": "O'Neil \\ Sons", "Notes": "VIP"}

    def somebody_else() -> None:
        company.lists["Customer"][1]["SyncToken"] = "7"

    company.before_change = somebody_else
    raw = {**CUSTOMER, "name": "O'Neil \\ Sons"}
    with session(Judged(company)) as opened:
        ref = opened.push("customer", raw, "psa:7")
    with session(Judged(company)) as opened:
        assert opened.find("customer", "psa:7").id == ref.id == "2"
        with pytest.raises(SkipRecord, match="rename one of the two"):
            opened.push("customer", raw, "psa:8")
    assert company.lists["Customer"][1]["Notes"] == f"VIP\n{NOTE}"
    assert len(company.lists["Customer"]) == 3


def test_a_customer_somebody_changes_all_the_time_is_left() -> None:
    company = Company()
    company.lists["Customer"][0]["DisplayName"] = CUSTOMER["name"]
    changes = iter(range(1, 100))

    def somebody_else() -> None:
        company.lists["Customer"][0]["SyncToken"] = str(next(changes))

    company.before_change = somebody_else
    with session(company) as opened, pytest.raises(SkipRecord, match="all the time"):
        opened.push("customer", CUSTOMER, "psa:7")


def test_a_name_a_vendor_or_an_inactive_customer_has_is_refused() -> None:
    company = Company()
    company.lists["Customer"][0] |= {"DisplayName": CUSTOMER["name"], "Active": False}
    with session(company) as opened, pytest.raises(SkipRecord, match="vendor or employee"):
        opened.push("customer", CUSTOMER, "psa:7")


def test_a_payment_lowers_what_is_open_and_one_too_much_is_refused(company: Company) -> None:
    with session(Judged(company)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
        first = opened.push("payment", payment("100.00"), "bank:main:7:0")
        again = opened.push("payment", payment("100.00"), "bank:main:7:0")
        with pytest.raises(SkipRecord, match="more than the balance"):
            opened.push("payment", payment("100.00"), "bank:main:9:0")
        items = list(opened.open_items())
    assert first == again
    assert (first.readback["amount"], first.readback["currency"]) == (100, "GBP")
    assert company.lists["Payment"][0]["PrivateNote"] == "bank:main:7:0"
    assert items == [("INV-2026-0001", Money(2000, "GBP"))]


def test_money_that_came_back_or_was_given_back_is_an_entry_on_what_the_client_owes(
    company: Company,
) -> None:
    with session(Judged(company)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
        back = opened.push("payment", payment("-120.00"), "bank:main:7:1")
        opened.push("invoice", CREDIT, "CN-1")
        refund = opened.push("payment", payment("-60.00", of="CN-1"), "bank:main:8:0")
        assert opened.find("payment", "bank:main:7:1") == back
        with pytest.raises(SkipRecord, match="no invoice or credit memo X-1"):
            opened.push("payment", payment("1.00", of="X-1"), "bank:main:7:2")
    assert (back.readback["amount"], refund.readback["amount"]) == (-120, -60)
    sides = [one["JournalEntryLineDetail"] for one in company.lists["JournalEntry"][0]["Line"]]
    assert [one["PostingType"] for one in sides] == ["Credit", "Debit"]
    assert sides[1]["Entity"] == {"Type": "Customer", "EntityRef": {"value": "4"}}


def test_an_entry_is_found_by_its_key(company: Company) -> None:
    with session(Judged(company)) as opened:
        pushed = opened.push("entry", EARNED, "recognise:1")
        assert opened.find("entry", "recognise:11") is None
        assert opened.find("entry", "recognise:1") == pushed
    amounts = sorted((leg["currency"], leg["amount"]) for leg in pushed.readback["postings"])
    assert amounts == [("GBP", D("-40")), ("GBP", D("40"))]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (entry(("Deferred", "1", "GBP"), ("4000", "-1", "EUR")), "EUR, GBP"),
        (entry(("Accounts Receivable (A/R)", "1", "GBP"), ("4000", "-1", "GBP")), "of which"),
    ],
)
def test_what_no_entry_of_quickbooks_can_hold_is_refused(
    company: Company, raw: Mapping[str, Any], why: str
) -> None:
    with session(company) as opened, pytest.raises(SkipRecord, match=why):
        opened.push("entry", raw, "recognise:1")


def pulled(vendor: httpx.BaseTransport, since: str | None = None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull("client", since))


def test_all_717_customers_come_though_pages_are_of_100() -> None:
    rows = pulled(Judged(Company(717, cap=100)))
    ids = [item.raw["Id"] for item in rows if isinstance(item, Pulled)]
    assert len(ids) == len(set(ids)) == 717
    assert isinstance(rows[-1], Cursor)


def test_a_list_that_breaks_off_has_no_mark() -> None:
    seen: list[Any] = []
    broken = Faulty(Company(717, cap=100), status(503), first=4)
    with session(broken) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))
    assert not any(isinstance(item, Cursor) for item in seen)


def test_a_customer_becomes_a_client_and_one_without_an_id_is_set_aside() -> None:
    company = Company(2)
    del company.lists["Customer"][1]["Id"]
    items = pulled(Judged(company))
    [row] = [item for item in items if isinstance(item, Pulled)]
    client = KIT.record("client", row.raw)
    assert (client.id, client.name, client.city) == ("1", "Client 0001", "Springfield")
    assert [type(item) for item in items].count(Broken) == 1


def test_only_what_changed_comes_and_what_changes_while_it_is_read_comes_again() -> None:
    class Busy(Company):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            if "startposition 101 " in request.url.params.get("query", ""):
                changed = {"LastUpdatedTime": "2026-06-03T08:20:10-07:00"}
                self.lists["Customer"][0] |= {"MetaData": changed, "Active": False}
                self.now = "2026-06-03T08:21:00-07:00"
            return super().answer(request)

    company = Busy(250, cap=100)
    *rows, mark = pulled(company)
    assert len({row.raw["Id"] for row in rows}) == 250
    assert mark == Cursor("2026-06-03T08:20:00-07:00")
    company.lists["Customer"][0]["Active"] = True
    again = pulled(company, mark.token)
    assert [item.raw["Id"] for item in again if isinstance(item, Pulled)] == ["1"]


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    company = Company(717, cap=100)
    seen = []
    with session(company) as opened:
        for item in opened.pull("client", None):
            seen.append(item)
            if len(seen) == 100:
                company.refusing.add("access-1")
    assert len(seen) == 718
    assert company.shown == ["refresh-0", "refresh-1"]


def test_a_spent_refresh_token_stops_with_one_sentence() -> None:
    company = Company()
    company.good = {"refresh-9"}
    with session(company) as opened, pytest.raises(Stop, match="Log in at the vendor again") as e:
        opened.whoami()
    assert "refresh-0" not in str(e.value)


def test_too_many_requests_are_said_once_and_nothing_is_done(company: Company) -> None:
    busy = Faulty(company, status(429), first=3)
    with session(busy) as opened, pytest.raises(Retry, match="takes no more requests"):
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert company.lists["Invoice"] == []


def test_an_answer_without_its_total_is_no_agreement(company: Company) -> None:
    with session(Judged(company)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for total in (None, "120.00", {"amount": 120}):
        company.lists["Invoice"][0]["TotalAmt"] = total
        with session(company) as opened, pytest.raises(Retry, match="no usable TotalAmt"):
            opened.find("invoice", "INV-2026-0001")


def test_lost_after_its_effect_nothing_is_made_again(company: Company) -> None:
    with session(company) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for nth in range(10):
        with session(Faulty(company, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("payment", payment("120.00"), "bank:main:7:0")
        with session(Faulty(company, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("entry", EARNED, "recognise:1")
    assert len(company.lists["Payment"]) == len(company.lists["JournalEntry"]) == 1


def test_an_error_told_with_200_is_an_error(company: Company) -> None:
    def fault(request: httpx.Request, _: object) -> httpx.Response:
        told = {"Fault": {"Error": [{"code": "500", "Message": "Unsupported Operation"}]}}
        return httpx.Response(200, json=told, request=request)

    told_so = pytest.raises(SkipRecord, match="Unsupported Operation")
    with session(Faulty(company, fault, first=1)) as opened, told_so:
        opened.find("invoice", "INV-2026-0001")


def test_the_limits_are_quickbooks() -> None:
    with session(Company()) as opened:
        opened.whoami()
    assert KIT.limits[0].quotas == ((500, 60), (10, 1))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"QueryResponse": []},
        "word",
        {"QueryResponse": {"Customer": 1, "Invoice": 1, "Payment": 1, "JournalEntry": 1}},
    ],
)
def test_an_answer_of_another_shape_is_no_answer(company: Company, body: Any) -> None:
    def drifted(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.url.host == "oauth.platform.intuit.com":
            return answered(request)
        return httpx.Response(200, json=body, request=request)

    with session(Faulty(company, drifted)) as opened:
        for kind in ("customer", "invoice", "payment", "entry"):
            with pytest.raises(Retry):
                opened.find(kind, "key-1")
        with pytest.raises(Retry):
            opened.whoami()
        with pytest.raises(Retry):
            list(opened.pull("client", None))
