"""Xero: the kit's gold tier, each request and answer held against the vendor's document, and the
traps it is known for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.openapi import spec

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.money import Money
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, lost_after, status
from tallystick_xero import XERO
from tallystick_xero.invoicing import taxed

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


class TestKit(ConnectorContract):
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


KIT = TestKit()


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened


@pytest.fixture
def org() -> Organisation:
    """One that has our customer."""
    made = Organisation()
    made.lists["Contacts"].append(contact(4, Name="Acme", ContactNumber="psa:7"))
    return made


def test_an_invoice_arrives_as_it_was_issued(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        ref = opened.push("invoice", INVOICE, "INV-2026-0001")
        found = opened.find("invoice", "INV-2026-0001")
    [theirs] = org.lists["Invoices"]
    assert (theirs["InvoiceNumber"], theirs["DueDate"]) == ("INV-2026-0001", "2026-09-14")
    assert (theirs["Status"], theirs["Total"], theirs["TotalTax"]) == ("AUTHORISED", 119, 19)
    assert theirs["LineItems"][0]["TaxType"] == "OUTPUT2"
    assert ref.readback["gross"] == D("119.00")
    assert [one["amount"] for one in ref.readback["tax"]] == [D("19.00")]
    assert found == ref


def test_a_credit_note_is_positive_there_and_negative_here(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        ref = opened.push("invoice", CREDIT, "CN-1")
        paid = opened.push("payment", payment("-59.50", of="CN-1"), "bank:main:8:0")
    [theirs] = org.lists["CreditNotes"]
    assert (theirs["Total"], theirs["LineItems"][0]["UnitAmount"]) == (59.5, 50)
    assert ref.readback["gross"] == D("-59.50")
    assert (paid.readback["amount"], paid.readback["currency"]) == (D("-59.50"), "EUR")


def test_a_price_of_four_decimals_stays_whole(org: Organisation) -> None:
    """Without `unitdp=4` Xero makes 0.01 of 0.0123, and refuses the line."""
    used = line("12.30", quantity=D("1000"), unit_price=D("0.0123"))
    with session(Judged(org)) as opened:
        opened.push("invoice", invoice(used, tax="2.34", gross="14.64"), "INV-2026-0001")
    [theirs] = org.lists["Invoices"][0]["LineItems"]
    assert (theirs["Quantity"], theirs["UnitAmount"]) == (1000, 0.0123)


@pytest.mark.parametrize(
    ("quantity", "price"), [("7", "14.00"), ("1000", "0.01234"), ("0", "3"), ("3.33333", "30.03")]
)
def test_a_line_xero_would_reckon_otherwise_keeps_its_amount(
    org: Organisation, quantity: str, price: str
) -> None:
    stepped = line("100.00", quantity=D(quantity), unit_price=D(price))
    with session(Judged(org)) as opened:
        opened.push("invoice", invoice(stepped, tax="19.00", gross="119.00"), "INV-2026-0001")
    [theirs] = org.lists["Invoices"][0]["LineItems"]
    assert (theirs["Quantity"], theirs["UnitAmount"]) == (1, 100)


def test_tax_rounded_by_line_adds_up_to_ours(org: Organisation) -> None:
    """Three lines of 0.13 have 0.02 tax each by line, 0.06; of 0.39 it is 0.07."""
    raw = invoice(*[line("0.13")] * 3, tax="0.07", gross="0.46")
    with session(Judged(org)) as opened:
        ref = opened.push("invoice", raw, "INV-2026-0001")
    assert [one["TaxAmount"] for one in org.lists["Invoices"][0]["LineItems"]] == [0.02, 0.03, 0.02]
    assert ref.readback["gross"] == D("0.46")


def test_the_last_line_of_a_rate_takes_what_is_left_of_our_tax() -> None:
    raw = invoice(line("10.00"), line("20.00"), tax="5.71", gross="35.71")
    assert [part.minor for *_, part in taxed(raw)] == [190, 381]


@given(
    st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=8),
    st.sampled_from(["19", "7.7", "8.875", "0"]),
)
def test_parts_of_tax_add_up_and_none_is_off_by_more_than_a_cent(
    nets: list[int], percent: str
) -> None:
    rate = D(percent)
    whole = Money(sum(nets), "EUR").percent(rate)
    lines = [line(str(Money(net, "EUR").amount), tax_percent=rate) for net in nets]
    tax = [{"category": "standard", "percent": rate, "amount": whole.amount}]
    parts = [part for *_, part in taxed({"currency": "EUR", "lines": lines, "tax": tax})]
    assert sum(part.minor for part in parts) == whole.minor
    for net, part in zip(nets, parts, strict=True):
        assert abs(part.minor - net * rate / 100) <= 1


def test_a_rate_may_have_its_own_tax_type_and_one_without_is_told(org: Organisation) -> None:
    reduced = line("100.00", tax_percent=D("5"))
    free = line("100.00", tax_category="exempt", tax_percent=D("0"))
    with session(Judged(org)) as opened:
        opened.push("invoice", invoice(reduced, tax="0.00", gross="105.00"), "INV-2026-0001")
        with pytest.raises(SkipRecord, match=r'"exempt 0" = "OUTPUT2"'):
            opened.push("invoice", invoice(free, tax="0.00", gross="100.00"), "INV-2026-0002")
    assert org.lists["Invoices"][0]["LineItems"][0]["TaxType"] == "RROUTPUT"


def test_an_account_xero_does_not_know_is_told_with_what_to_do(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        for account in ("Income:Fixed", "999"):
            raw = invoice(line("100.00", account=account), tax="19.00", gross="119.00")
            with pytest.raises(SkipRecord, match=rf"name {account}.*\[accounts\]"):
                opened.push("invoice", raw, "INV-2026-0001")
        named = invoice(line("100.00", account="Managed services"), tax="19.00", gross="119.00")
        opened.push("invoice", named, "INV-2026-0001")
    assert org.lists["Invoices"][0]["LineItems"][0]["AccountCode"] == "200"


def test_a_number_that_is_there_is_found_and_a_voided_one_is_not_ours(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        first = opened.push("invoice", INVOICE, "INV-2026-0001")
        changed = invoice(line("10.00"), tax="1.90", gross="11.90")
        assert opened.push("invoice", changed, "INV-2026-0001") == first
        org.lists["Invoices"][0]["Status"] = "VOIDED"
        assert opened.find("invoice", "INV-2026-0001") is None
        with pytest.raises(SkipRecord, match="must be unique"):
            opened.push("invoice", changed, "INV-2026-0001")


@pytest.mark.parametrize("with_200", [False, True])
def test_a_refusal_quotes_xero_and_the_corrected_document_goes_through(
    org: Organisation, with_200: bool
) -> None:
    org.told_with_200 = with_200
    receivable = invoice(line("100.00", account="610"), tax="19.00", gross="119.00")
    with session(Judged(org)) as opened:
        with pytest.raises(SkipRecord, match=r"Accounts Receivable cannot be used.*INV-2026-0001"):
            opened.push("invoice", receivable, "INV-2026-0001")
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert len(org.lists["Invoices"]) == 1


def test_a_repeated_request_is_answered_and_not_done_again(org: Organisation) -> None:
    """The transport may repeat what carries an idempotency key."""
    with session(Judged(org)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
        before = org.asked[-1]
        with httpx.Client(transport=org) as client:
            client.send(before)
    assert len(before.headers["idempotency-key"]) <= 128
    assert len(org.lists["Invoices"]) == 1


def test_a_namesake_without_a_number_is_taken_over() -> None:
    org = Organisation()
    org.lists["Contacts"][1]["Name"] = "Acme Dental LLC"
    with session(Judged(org)) as opened:
        ref = opened.push("customer", CUSTOMER, "psa:7")
        assert opened.find("customer", "psa:7") == ref
        with pytest.raises(SkipRecord, match="contact number is psa:7"):
            opened.push("customer", CUSTOMER, "psa:8")
    assert len(org.lists["Contacts"]) == 3


def test_a_payment_lowers_what_is_open_and_one_too_much_is_refused(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
        opened.push("payment", payment("100.00"), "bank:main:7:0")
        again = opened.push("payment", payment("100.00"), "bank:main:7:0")
        with pytest.raises(SkipRecord, match="exceeds"):
            opened.push("payment", payment("100.00"), "bank:main:9:0")
        opened.push("invoice", CREDIT, "CN-1")
        items = list(opened.open_items())
    assert again.readback["amount"] == 100
    assert items == [("INV-2026-0001", Money(1900, "EUR")), ("CN-1", Money(-5950, "EUR"))]


def test_money_that_came_back_is_refused_with_what_to_do(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
        with pytest.raises(SkipRecord, match="remove the payment it undoes"):
            opened.push("payment", payment("-119.00"), "bank:main:7:1")
        with pytest.raises(SkipRecord, match="no invoice or credit note X-1"):
            opened.push("payment", payment("1.00", of="X-1"), "bank:main:7:2")


def test_an_entry_is_a_journal_found_by_its_key(org: Organisation) -> None:
    with session(Judged(org)) as opened:
        opened.push("entry", EARNED, "recognise:1")
        assert opened.find("entry", "recognise:11") is None
        assert opened.find("entry", "ecognise:1") is None
        found = opened.find("entry", "recognise:1")
    amounts = sorted((leg["currency"], leg["amount"]) for leg in found.readback["postings"])
    assert amounts == [("EUR", D("-40")), ("EUR", D("40"))]


@pytest.mark.parametrize("sign", [1, -1])
def test_an_entry_that_moves_a_bank_account_is_received_or_spent_money(
    org: Organisation, sign: int
) -> None:
    raw = entry(("090", f"{98 * sign}"), ("404", f"{2 * sign}"), ("835", f"{-100 * sign}"))
    with session(Judged(org)) as opened:
        pushed = opened.push("entry", raw, "bank:main:9:0")
        found = opened.find("entry", "bank:main:9:0")
    assert org.lists["BankTransactions"][0]["Type"] == ("RECEIVE" if sign > 0 else "SPEND")
    assert found == pushed
    amounts = sorted(leg["amount"] for leg in found.readback["postings"])
    assert amounts == sorted([98 * sign, 2 * sign, -100 * sign])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (entry(("835", "1"), ("200", "-1"), currency="USD"), "in USD"),
        (entry(("610", "1"), ("200", "-1")), "no entry touch Accounts Receivable"),
        (entry(("090", "1"), ("Old Savings", "-1")), "two bank accounts"),
    ],
)
def test_what_no_journal_of_xero_can_hold_is_refused(
    org: Organisation, raw: Mapping[str, Any], why: str
) -> None:
    with session(Judged(org)) as opened, pytest.raises(SkipRecord, match=why):
        opened.push("entry", raw, "recognise:1")


def pulled(vendor: httpx.BaseTransport, since: str | None = None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull("client", since))


def test_all_717_contacts_come_though_pages_are_of_100() -> None:
    rows = pulled(Judged(Organisation(717, cap=100)))
    ids = [item.raw["ContactID"] for item in rows if isinstance(item, Pulled)]
    assert len(ids) == len(set(ids)) == 717
    assert isinstance(rows[-1], Cursor)


def test_a_list_that_breaks_off_or_ends_too_early_has_no_mark() -> None:
    broken = Faulty(Organisation(717, cap=100), status(503), first=4)
    seen: list[Any] = []
    with session(broken) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))

    class Short(Organisation):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            code, told = super().answer(request)
            if request.url.params.get("page") == "3":
                told["Contacts"] = []
            return code, told

    with session(Short(717, cap=100)) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))
    assert not any(isinstance(item, Cursor) for item in seen)


def test_a_contact_becomes_a_client_and_one_without_an_id_is_set_aside() -> None:
    org = Organisation(2)
    org.lists["Contacts"][0] |= {"AccountNumber": "K-17", "TaxNumber": "DE123"}
    del org.lists["Contacts"][1]["ContactID"]
    items = pulled(Judged(org))
    [row] = [item for item in items if isinstance(item, Pulled)]
    client = KIT.record("client", row.raw)
    assert (client.name, client.customer_number, client.vat_id, client.city) == (
        "Client 0001",
        "K-17",
        "DE123",
        "Springfield",
    )
    assert [type(item) for item in items].count(Broken) == 1


def test_only_what_changed_comes_and_the_mark_is_by_xeros_clock() -> None:
    org = Organisation(3)
    [*_, mark] = pulled(Judged(org))
    assert mark == Cursor("2026-06-03T15:20:00")
    assert pulled(Judged(org), mark.token) == [mark]
    org.lists["Contacts"][0]["UpdatedDateUTC"] = "/Date(1795000000000+0000)/"
    changed = pulled(Judged(org), mark.token)
    assert [type(item) for item in changed] == [Pulled, Cursor]


def test_what_changes_while_it_is_read_is_read_again_and_pushes_nothing_out_of_sight() -> None:
    """Ten seconds after reading began the first contact changes, and later the last one."""

    class Busy(Organisation):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            if request.url.params.get("page") == "2":
                changed_ms = self.now_ms + 10_000
                self.lists["Contacts"][0] |= {
                    "UpdatedDateUTC": f"/Date({changed_ms})/",
                    "ContactStatus": "ARCHIVED",
                }
                self.lists["Contacts"][-1]["UpdatedDateUTC"] = f"/Date({changed_ms + 5000})/"
                self.now_ms += 60_000
            return super().answer(request)

    org = Busy(250, cap=100)
    *rows, mark = pulled(Judged(org))
    assert len({row.raw["ContactID"] for row in rows}) == 250
    org.lists["Contacts"][0]["ContactStatus"] = "ACTIVE"
    again = [item.raw["ContactID"] for item in pulled(org, mark.token) if isinstance(item, Pulled)]
    assert again == [org.lists["Contacts"][0]["ContactID"], org.lists["Contacts"][-1]["ContactID"]]


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    org = Organisation(717, cap=100)
    seen = []
    with session(org) as opened:
        for item in opened.pull("client", None):
            seen.append(item)
            if len(seen) == 100:
                org.refusing.add("access-1")
    assert len(seen) == 718
    assert org.shown == ["refresh-0", "refresh-1"]


def test_a_spent_refresh_token_stops_with_one_sentence() -> None:
    org = Organisation()
    org.good = {"refresh-9"}
    with session(org) as opened, pytest.raises(Stop, match="Log in at the vendor again") as caught:
        opened.whoami()
    assert "refresh-0" not in str(caught.value)


def test_another_organisation_than_the_login_has_stops() -> None:
    class Other(TestKit):
        settings: ClassVar = {**SETTINGS, "tenant": TENANT.replace("4", "5")}

    with Other().session(Organisation()) as opened, pytest.raises(Stop, match="403"):
        opened.whoami()


def test_too_many_requests_are_said_once_and_nothing_is_done(org: Organisation) -> None:
    busy = Faulty(org, status(429, **{"retry-after": "86000"}), first=3)
    with session(busy) as opened, pytest.raises(Retry, match="takes no more requests"):
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert org.lists["Invoices"] == []


def test_an_answer_without_its_total_is_no_agreement(org: Organisation) -> None:
    """A total that is gone or became a word can be compared with nothing."""
    with session(Judged(org)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for total in (None, "119.00", {"amount": 119}):
        org.lists["Invoices"][0]["Total"] = total
        with session(org) as opened, pytest.raises(Retry, match="no usable Total"):
            opened.find("invoice", "INV-2026-0001")


def test_lost_after_its_effect_a_payment_is_found_and_not_made_again(org: Organisation) -> None:
    with session(org) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for nth in range(8):
        with session(Faulty(org, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("payment", payment("119.00"), "bank:main:7:0")
    assert len(org.lists["Payments"]) == 1


def test_a_number_with_a_quote_asks_for_nothing_else(org: Organisation) -> None:
    with session(org) as opened, pytest.raises(SkipRecord, match="a quote"):
        opened.find("invoice", 'X"||Type!="')


def test_amounts_are_sent_as_exact_numbers(org: Organisation) -> None:
    with session(org) as opened:
        opened.push("invoice", invoice(line("0.10"), tax="0.02", gross="0.12"), "INV-2026-0001")
    sent = json.loads(org.asked[-1].content, parse_float=str)["Invoices"][0]["LineItems"][0]
    assert (sent["LineAmount"], sent["TaxAmount"]) == ("0.10", "0.02")


def test_the_limits_are_xeros() -> None:
    with session(Organisation()) as opened:
        opened.whoami()
    [books, _] = KIT.limits
    assert replace(books, share=D(1)).quotas == ((60, 60), (5000, 86_400))
    assert books.concurrency == 5


@pytest.mark.parametrize("body", [[], {}, {"Contacts": {}}, "word", [1]])
def test_an_answer_of_another_shape_is_no_answer(org: Organisation, body: Any) -> None:
    def drifted(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.url.host == "identity.xero.com":
            return answered(request)
        return httpx.Response(200, json=body, request=request)

    with session(Faulty(org, drifted)) as opened:
        for kind in ("customer", "invoice", "payment", "entry"):
            with pytest.raises(Retry):
                opened.find(kind, "key-1")
        with pytest.raises(Retry):
            opened.whoami()
        with pytest.raises(Retry):
            list(opened.pull("client", None))
