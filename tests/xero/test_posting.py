"""What is posted to Xero, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick_xero.invoicing import taxed

from .kit import (
    CREDIT,
    CUSTOMER,
    EARNED,
    INVOICE,
    D,
    Judged,
    entry,
    invoice,
    line,
    payment,
    session,
)
from .service import Organisation


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
