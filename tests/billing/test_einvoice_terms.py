"""Where each business term stands, by the syntax bindings CEN/TS 16931-3-2 (UBL) and 3-3 (CII)."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from tallystick.billing.einvoice import PROFILES, einvoice, render_cii, render_ubl
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.billing.tax.rates import TaxLine

from .documents import CORRECTION, eur
from .einvoices import INVOICE, MANDATE, TAXABLE

FULL = replace(
    INVOICE,
    lines=(
        TAXABLE,
        replace(CORRECTION, tax_category="goods"),
        replace(TAXABLE, unit="hour", quantity=Decimal("1.5"), unit_price=Decimal(100)),
    ),
    taxes=(
        TaxLine("standard", Decimal(19), eur(238800), eur(45372)),
        TaxLine("goods", Decimal(0), eur(-4750), eur(0), "K", "Goods to Austria"),
    ),
    po_number="PO 4711",
    payment_note="First line\n\nsecond",
    buyer=replace(INVOICE.buyer, contact="Bo", phone="+43 1 2345678", email="bo@clinic.example"),
    corrects=(("INV-2026-0007", date(2026, 7, 1)),),
)
DOCUMENTS = {"transfer": FULL, "debit": replace(FULL, payment=MANDATE)}
BINDINGS = Path(__file__).parent / "einvoice_bindings.csv"
"""XPaths of each term in both syntaxes, and what stands there in which document."""


def bindings() -> list[dict[str, str]]:
    with BINDINGS.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def read(xml: bytes, path: str) -> list[str]:
    root = etree.fromstring(xml)
    spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    return [getattr(one, "text", None) or str(one) for one in root.xpath(path, namespaces=spaces)]


def both(document: InvoiceDocument) -> tuple[bytes, bytes]:
    invoice = einvoice(document, PROFILES["xrechnung"])
    return render_ubl(invoice), render_cii(invoice)


@pytest.mark.parametrize("row", bindings(), ids=lambda row: f"{row['document']} {row['term']}")
def test_a_term_stands_where_the_bindings_say(row: dict[str, str]) -> None:
    in_ubl, in_cii = both(DOCUMENTS[row["document"]])
    value = row["values"].replace("\\n", "\n")
    assert "; ".join(read(in_ubl, row["ubl"])) == value
    days = "DateTimeString" in row["cii"]
    assert "; ".join(read(in_cii, row["cii"])) == (value.replace("-", "") if days else value)


def test_a_line_is_named_in_the_language_of_the_document() -> None:
    line = replace(CORRECTION, tax_category="goods", text="Correction: Care (prorated 17/31)")
    document = replace(FULL, lines=(TAXABLE, line, FULL.lines[2]), language="de-DE")
    assert einvoice(document).lines[1].name == "Korrektur: Care (anteilig 17/31)"
