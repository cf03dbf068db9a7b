"""Write-downs as charges: what is given up of each line, at which tax and account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from msgspec import structs

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Billed
from tallystick.billing.invoice.proposal import Agreed, Proposal
from tallystick.billing.invoice.write_down import (
    InvoicedLine,
    WriteDown,
    asked,
    charges_of,
    propose,
    without,
)
from tallystick.billing.tax.rates import Taxing, TaxLine, TaxRate
from tallystick.money import Money
from tallystick.period import month

JULY = month(2026, 7)
TAXING = Taxing((TaxRate("standard", Decimal(19)), TaxRate("reduced", Decimal(7))))
FEE = InvoicedLine(
    position=1,
    contract="C",
    line="L1",
    text="Care",
    service=JULY,
    net=Money(10000, "EUR"),
    tax_category="standard",
    tax_percent=Decimal(16),
    account="Income:Fixed",
)
BLOCK = replace(
    FEE,
    position=2,
    line="L2",
    text="Block",
    net=Money(20000, "EUR"),
    tax_category="reduced",
    tax_percent=None,
    account="Liabilities:Deferred",
)
FREE = replace(FEE, position=3, line="L3", net=Money(0, "EUR"))
ONE = WriteDown(
    invoice="INV-7",
    ordinal=2,
    client="K",
    amount=Money(1000, "EUR"),
    reason="the server was down",
    asked_by="anna",
    period=JULY,
    contracts=(Agreed("C", "Care", "4711"),),
    lines=(FEE, BLOCK, FREE),
)


def test_every_line_gives_up_its_share_and_what_was_billed_ahead_is_given_up_there() -> None:
    assert charges_of(ONE) == [
        Charge(
            contract="C",
            line=line,
            basis=f"write_down:INV-7:2:{position}",
            service=JULY,
            group=f"Write-down: {text}",
            quantity=Decimal(1),
            unit="write-down",
            unit_price=Decimal(minor) / 100,
            amount=Money(minor, "EUR"),
            account=account,
            reason=("anna gives up 10.00 EUR of INV-7: the server was down",),
            tax_category=category,
            tax_percent=percent,
            deferred=deferred,
        )
        for line, position, text, minor, account, category, percent, deferred in (
            ("L1", 1, "Care", -333, "Income:WriteDown", "standard", Decimal(16), False),
            ("L2", 2, "Block", -667, "Liabilities:Deferred", "reduced", None, True),
        )
    ]


def test_its_credit_note_goes_back_to_the_invoice_at_the_tax_it_had() -> None:
    draft = propose(ONE, TAXING)
    assert (draft.client, draft.currency, draft.period) == ("K", "EUR", JULY)
    assert (draft.group, draft.contracts) == ("write-down INV-7:2", ONE.contracts)
    assert (draft.kind, draft.net) == ("credit_note", Money(-1000, "EUR"))
    assert {due.corrects for due in draft.dues} == {("INV-7",)}
    assert [(one.category, one.percent, one.amount.minor) for one in draft.taxes] == [
        ("reduced", 7, -47),
        ("standard", 16, -53),
    ]


def test_whoever_taxes_in_place_of_the_table_taxes_it_too() -> None:
    def abroad(draft: Proposal) -> tuple[TaxLine, ...]:
        return (TaxLine("standard", Decimal(0), draft.net, Money(0, "EUR")),)

    assert propose(ONE, TAXING, abroad).tax == Money(0, "EUR")


def test_the_difference_looks_only_at_what_was_billed_for_facts() -> None:
    fee = Billed(
        contract="C",
        line="L1",
        basis="fee:2026-07-01",
        service=JULY,
        group="Care",
        amount=Money(10000, "EUR"),
        account="Income:Fixed",
        tax_category="standard",
        deferred=False,
        invoices=("INV-7",),
    )
    given_up = structs.replace(fee, basis="write_down:INV-7:2:1", due_on=date(2026, 7, 31))
    assert without([given_up, fee]) == [fee]


def test_it_is_noted_for_a_second_person() -> None:
    one = asked(ONE)
    assert (one.code, one.severity) == ("write_down", "note")
    assert one.what == "anna gives up 10.00 EUR net of INV-7: the server was down."
