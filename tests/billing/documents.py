"""Two documents, and what a browser sees of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

from tallystick.billing.invoice.document import (
    Annexed,
    DocumentLine,
    IncludedWork,
    InvoiceDocument,
    Party,
    Payment,
)
from tallystick.billing.tax.rates import TaxLine
from tallystick.money import Money
from tallystick.period import Period, month

JULY = month(2026, 7)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


FEE = DocumentLine("Care plan", JULY, Decimal(12), "device", Decimal("99.5"), eur(119400))
CORRECTION = DocumentLine(
    "Correction: Support",
    Period(date(2026, 6, 14), date(2026, 6, 15)),
    Decimal(1),
    "correction",
    Decimal("-47.50"),
    eur(-4750),
    ("INV-2026-0007", "INV-2026-0009"),
)
INVOICE = InvoiceDocument(
    number="INV-2026-0042",
    kind="invoice",
    issued_on=date(2026, 8, 1),
    due_on=date(2026, 8, 15),
    seller=Party(
        *("Nordlicht IT GmbH", "Hafenstr. 1", "20457", "Hamburg", "DE", "DE123456789"),
        phone="+49 40 1234567",
    ),
    buyer=Party("Harbour Clinic & Co."),
    currency="EUR",
    lines=(FEE, CORRECTION),
    taxes=(TaxLine("standard", Decimal("19.0"), eur(114650), eur(21784)),),
    payment=Payment("DE89370400440532013000", "COBADEFFXXX", "Nordlicht IT GmbH"),
    payment_note="Thank you.\n",
)
DETAILED = replace(
    INVOICE,
    lines=(replace(FEE, tax_category="standard"), replace(CORRECTION, tax_category="standard")),
    po_number="PO-77",
    buyer_reference="04011000-12345-03",
    corrects=(("INV-2026-0007", date(2026, 7, 1)), ("INV-2026-0009", date(2026, 7, 3))),
    annex=(
        Annexed(1, None, "PC-1", "Front desk", Decimal(1), "device", None, "asset"),
        Annexed(
            *(1, None, "PC-2", "Röntgen", Decimal(1), "device", None, "asset"),
            Period(date(2026, 7, 22), date(2026, 8, 1)),
        ),
        Annexed(2, date(2026, 6, 14), "T-9", "Printer", Decimal("0.5"), "hour", eur(-4750)),
    ),
    included=(
        IncludedWork(
            *("Care plan", 1),
            (Annexed(0, date(2026, 7, 8), "T-8", "Toner", Decimal("1.5"), "hour", None),),
        ),
    ),
)
"""With everything a document may have."""
CREDIT = replace(
    INVOICE,
    number="INV-2026-0043",
    kind="credit_note",
    lines=(CORRECTION, replace(FEE, quantity=Decimal("0.1"), net=eur(995))),
    taxes=(TaxLine("standard", Decimal(19), eur(-3755), eur(-713)),),
    payment_note="",
)


class Page(HTMLParser):
    """The elements, attributes and texts a browser would see."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags[-1] != "style":
            self.texts.append(data)
