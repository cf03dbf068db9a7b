"""E-invoices before the published schemas and rules."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from lxml import etree

from tallystick.billing.einvoice import PROFILES, einvoice, render_cii, render_ubl
from tallystick.billing.invoice.document import InvoiceDocument, Payment
from tallystick.billing.tax.rates import TaxLine
from tallystick.money import Money, exponent

from .documents import CORRECTION, eur
from .einvoice_judge import judged
from .einvoices import INVOICE, MANDATE, TAXABLE, invoices, untaxed

COUNT = int(os.environ.get("TALLYSTICK_EINVOICES", "200"))


def test_random_invoices_pass_the_rules_in_both_syntaxes(tmp_path: Path) -> None:
    for document in invoices(seed=16931, count=COUNT):
        invoice = einvoice(document)
        (tmp_path / f"{document.number}.ubl.xml").write_bytes(render_ubl(invoice))
        (tmp_path / f"{document.number}.cii.xml").write_bytes(render_cii(invoice))
    found = judged(tmp_path)
    assert len(found) == 2 * COUNT
    assert {name: said for name, said in found.items() if said} == {}


PLANTED = {
    "BR-CO-10": ("//cbc:LineExtensionAmount", "//ram:LineTotalAmount"),
    "BR-CO-14": ("//cac:TaxSubtotal/cbc:TaxAmount", "//ram:CalculatedAmount"),
    "BR-CO-13": ("//cbc:TaxExclusiveAmount", "//ram:TaxBasisTotalAmount"),
    "BR-CO-15": ("//cbc:TaxInclusiveAmount", "//ram:GrandTotalAmount"),
    "BR-CO-16": ("//cbc:PayableAmount", "//ram:DuePayableAmount"),
}


def test_a_planted_cent_fails(tmp_path: Path) -> None:
    invoice = einvoice(INVOICE)
    for index, render in enumerate((render_ubl, render_cii)):
        for rule, paths in PLANTED.items():
            root = etree.fromstring(render(invoice))
            spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
            [*_, last] = root.xpath(paths[index], namespaces=spaces)
            last.text = str(Decimal(last.text) + Decimal("0.01"))
            (tmp_path / f"{rule}.{index}.xml").write_bytes(etree.tostring(root))
    for name, said in judged(tmp_path).items():
        rule = name.partition(".")[0]
        assert any(f"[{rule}]" in one for one in said), f"{name}: {said}"


def test_the_judge_sees_broken_codes_and_missing_elements(tmp_path: Path) -> None:
    xml = render_ubl(einvoice(INVOICE)).decode()
    (tmp_path / "unit.xml").write_text(xml.replace('unitCode="C62"', 'unitCode="device"'))
    (tmp_path / "shape.xml").write_text(re.sub("<cbc:ID>INV.*?</cbc:ID>", "", xml, count=1))
    found = judged(tmp_path)
    assert found["unit.xml"] and found["shape.xml"]


@pytest.mark.parametrize("document", invoices(seed=7, count=60), ids=lambda one: one.number)
def test_sums_signs_and_roundings_are_exact(document: InvoiceDocument) -> None:
    """By an oracle of fractions: the rules themselves allow a breakdown to be one unit off."""
    invoice = einvoice(document)
    sign = -1 if document.kind == "credit_note" else 1
    places = exponent(document.currency)
    for ours, theirs in zip(document.lines, invoice.lines, strict=True):
        assert theirs.net == sign * ours.net.amount and theirs.price >= 0
        product = Fraction(theirs.quantity) * Fraction(theirs.price)
        assert abs(product - Fraction(theirs.net)) <= Fraction(1, 200)
    assert invoice.net == sum(line.net for line in invoice.lines)
    assert invoice.net == sum(entry.net for entry in invoice.breakdown)
    assert invoice.tax == sum(entry.tax for entry in invoice.breakdown)
    assert invoice.gross == invoice.net + invoice.tax == sign * document.gross.amount
    assert invoice.gross >= 0
    for entry in invoice.breakdown:
        same = [
            one for one in document.taxes if (one.code, one.percent) == (entry.code, entry.percent)
        ]
        off = abs(Fraction(entry.net) * Fraction(entry.percent) / 100 - Fraction(entry.tax))
        assert off <= len(same) * Fraction(1, 2 * 10**places)
        lines = [one.net for one in invoice.lines if one.code == entry.code]
        if len({one.percent for one in invoice.breakdown if one.code == entry.code}) == 1:
            assert sum(lines) == entry.net


def test_a_line_that_does_not_multiply_out_is_one_unit_and_says_what_was_counted() -> None:
    joined = replace(TAXABLE, quantity=Decimal("0.3333"), unit="hour", unit_price=Decimal(100))
    line = einvoice(replace(INVOICE, lines=(replace(joined, net=eur(119400)),))).lines[0]
    assert (line.quantity, line.price, line.unit) == (1, Decimal("1194.00"), "C62")
    assert line.note == "0.3333 hour x 100 EUR"


def test_a_credit_note_is_positive_and_a_charge_in_it_negative() -> None:
    correction = replace(CORRECTION, tax_category="standard")
    charge = replace(TAXABLE, quantity=Decimal("0.1"), net=eur(995))
    tax = TaxLine("standard", Decimal(19), eur(-3755), eur(-713))
    credit = replace(
        INVOICE,
        kind="credit_note",
        lines=(correction, charge),
        taxes=(tax,),
        payment=Payment(),
        corrects=(("INV-2026-0007", date(2026, 7, 1)),),
    )
    invoice = einvoice(credit)
    assert invoice.type_code == "381" and invoice.gross == Decimal("44.68")
    assert [line.quantity for line in invoice.lines] == [1, Decimal("-0.1")]
    assert [line.price for line in invoice.lines] == [Decimal("47.50"), Decimal("99.5")]
    assert invoice.preceding == (("INV-2026-0007", date(2026, 7, 1)), ("INV-2026-0009", None))


def test_what_is_carried_beside_the_amounts() -> None:
    debit = replace(INVOICE, payment=MANDATE, po_number="PO 4711")
    for xml in (render_ubl(einvoice(debit)), render_cii(einvoice(debit))):
        text = xml.decode()
        for carried in (
            ">991-33333TEST-33<",
            ">PO 4711<",
            ">59<",
            f">{MANDATE.mandate}<",
            f">{MANDATE.creditor_id}<",
            f">{MANDATE.debited_iban}<",
            ">Ada Lovelace<",
            'schemeID="9930">DE123456789<',
            'schemeID="0088">1<',
        ):
            assert carried in text
    for currency, means in (("EUR", "58"), ("CHF", "30")):
        tax = TaxLine("standard", Decimal(19), Money(119400, currency), Money(22686, currency))
        lines = (replace(TAXABLE, net=Money(119400, currency)),)
        invoice = einvoice(replace(INVOICE, currency=currency, lines=lines, taxes=(tax,)))
        assert invoice.payment and invoice.payment.means == means
        assert invoice.payment.iban == "DE89370400440532013000"


def test_codes_without_tax_say_why_and_pass(tmp_path: Path) -> None:
    for code in ("AE", "K", "G", "O", "Z"):
        (tmp_path / f"{code}.ubl.xml").write_bytes(render_ubl(einvoice(untaxed(code))))
        (tmp_path / f"{code}.cii.xml").write_bytes(render_cii(einvoice(untaxed(code))))
    exempt = untaxed("E", "Exempt under § 4 no. 21 UStG")
    (tmp_path / "E.ubl.xml").write_bytes(render_ubl(einvoice(exempt)))
    assert {name: said for name, said in judged(tmp_path).items() if said} == {}
    assert b"VATEX-EU-AE" in (tmp_path / "AE.ubl.xml").read_bytes()
    assert b"Reverse charge" in (tmp_path / "AE.ubl.xml").read_bytes()
    assert b">DE123456789<" not in (tmp_path / "O.ubl.xml").read_bytes().replace(
        b'schemeID="9930">DE123456789<', b""
    )


@pytest.mark.parametrize("name", ["xrechnung", "peppol"])
def test_a_profile_is_stated_and_passes_the_rules_under_it(name: str, tmp_path: Path) -> None:
    profile = PROFILES[name]
    xml = render_ubl(einvoice(INVOICE, profile))
    assert f">{profile.identifier}<".encode() in xml and f">{profile.process}<".encode() in xml
    (tmp_path / "one.xml").write_bytes(xml)
    assert judged(tmp_path) == {"one.xml": []}
