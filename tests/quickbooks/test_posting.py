"""What is posted to QuickBooks Online, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money

from .kit import (
    CREDIT,
    CUSTOMER,
    EARNED,
    INVOICE,
    NOTE,
    D,
    Judged,
    entry,
    invoice,
    line,
    payment,
    session,
)
from .service import Company


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
