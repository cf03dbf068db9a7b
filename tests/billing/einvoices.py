"""Random invoices from a seed: every tax code, joined roundings, credit notes, hostile texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tallystick.billing.invoice.document import DocumentLine, InvoiceDocument, Party, Payment
from tallystick.billing.tax.rates import TaxCode, TaxLine
from tallystick.money import Money, total
from tallystick.period import Period

from .documents import FEE, eur
from .test_document_hostile import HOSTILE

Row = tuple[str, TaxCode, str, str]
TAXED: tuple[Row, ...] = (
    ("standard", "S", "19", ""),
    ("standard", "S", "16", ""),
    ("reduced", "S", "7.0", ""),
    ("hardware", "S", "19.0", ""),
    ("zero", "Z", "0", ""),
    ("exempt", "E", "0", "Exempt under § 4 no. 21 UStG"),
    ("reverse_charge", "AE", "0", ""),
    ("goods_eu", "K", "0", "Intra-Community supply of goods"),
    ("export", "G", "0", ""),
)
OUTSIDE: tuple[Row, ...] = (("outside_scope", "O", "0", ""),)
UNITS = ("hour", "month", "quarter", "device", "incident", "package", "GB", "correction", "")
TEXTS = ("Care plan", "Support, remote", "x" * 900, "漢字 <&> \"'", "Ärger\u0000\ufffe", *HOSTILE)
SELLER = Party(
    "Nordlicht IT GmbH",
    "Hafenstr. 1",
    "20457",
    "Hamburg",
    "DE",
    "DE 123456789",
    email="billing@nordlicht.example",
    phone="+49 40 1234567",
    contact="Ada Lovelace",
    tax_number="22/815/08154",
    registration="HRB 12345",
    electronic_address="9930:DE123456789",
)
MANDATE = Payment(
    mandate="M-1", creditor_id="DE98ZZZ09999999999", debited_iban="DE89370400440532013000"
)
TRANSFER = Payment("DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "Nordlicht IT GmbH")

TAXABLE = replace(FEE, tax_category="standard")
BUYER = Party(
    "Harbour Clinic", "Kai 3", "1010", "Wien", "AT", "ATU12345678", electronic_address="0088:1"
)
INVOICE = InvoiceDocument(
    number="INV-2026-0042",
    kind="invoice",
    issued_on=date(2026, 8, 1),
    due_on=date(2026, 8, 15),
    seller=SELLER,
    buyer=BUYER,
    currency="EUR",
    lines=(TAXABLE,),
    taxes=(TaxLine("standard", Decimal(19), eur(119400), eur(22686)),),
    buyer_reference="991-33333TEST-33",
    payment=TRANSFER,
)


def untaxed(code: TaxCode, exemption: str = "") -> InvoiceDocument:
    tax = TaxLine("standard", Decimal(0), eur(119400), eur(0), code, exemption)
    return replace(INVOICE, taxes=(tax,))


def invoices(seed: int, count: int) -> list[InvoiceDocument]:
    chance = random.Random(seed)
    return [_invoice(chance, number) for number in range(1, count + 1)]


def _invoice(chance: random.Random, number: int) -> InvoiceDocument:
    currency = chance.choice(("EUR", "EUR", "CHF", "JPY"))
    taxed = [row for row in TAXED if row[0] != "hardware" or currency != "JPY"]
    table: Sequence[Row]
    table = OUTSIDE if chance.random() < 0.1 else chance.sample(taxed, chance.randint(1, 4))
    picked = [*table, *chance.choices(table, k=chance.randint(0, 12))]
    lines = tuple(_line(chance, currency, row) for row in picked)
    taxes = tuple(_tax(row, lines, currency) for row in table)
    issued_on = date(2026, 8, 1) + timedelta(days=chance.randint(0, 200))
    gross = total((tax.net + tax.amount for tax in taxes), currency)
    credit = gross.minor < 0
    return InvoiceDocument(
        number=f"INV-2026-{number:04}",
        kind="credit_note" if credit else "invoice",
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=chance.randint(0, 90)),
        seller=SELLER,
        buyer=_buyer(chance),
        currency=currency,
        lines=lines,
        taxes=taxes,
        payment_note="" if credit else chance.choice(("", "Please pay.\nThank you.")),
        language=chance.choice(("de-DE", "en", "fr-FR")),
        po_number=chance.choice(("", "PO 4711")),
        buyer_reference="991-33333TEST-33",
        payment=Payment() if credit else chance.choice((MANDATE, TRANSFER)),
        corrects=(("INV-2025-0009", date(2025, 12, 1)),) if credit else (),
    )


def _line(chance: random.Random, currency: str, row: Row) -> DocumentLine:
    start = date(2026, 6, 1) + timedelta(days=chance.randint(-200, 200))
    quantity = Decimal(chance.randint(0, 400000)).scaleb(-chance.randint(0, 5))
    price = Decimal(chance.randint(-3000, 12000000)).scaleb(-chance.randint(0, 4))
    net = Money.rounded(quantity * price, currency)
    if chance.random() < 0.3:
        net = net + Money(chance.randint(-5, 5), currency)
    if chance.random() < 0.25:
        net = -net
    return DocumentLine(
        text=chance.choice(TEXTS).strip() or "Service",
        service=Period(start, start + timedelta(days=chance.randint(1, 366))),
        quantity=quantity,
        unit=chance.choice(UNITS),
        unit_price=price,
        net=net,
        corrects=chance.choice(((), (), ("INV-2025-0009", "INV-2025-0008"))),
        tax_category=row[0],
        tax_percent=Decimal(row[2]),
    )


def _tax(row: Row, lines: Sequence[DocumentLine], currency: str) -> TaxLine:
    category, code, percent, exemption = row
    rate = Decimal(percent)
    taxed = [line for line in lines if (line.tax_category, line.tax_percent) == (category, rate)]
    net = total((line.net for line in taxed), currency)
    tax = Money.rounded(net.amount * rate / 100, currency)
    return TaxLine(category, rate, net, tax, code, exemption)


def _buyer(chance: random.Random) -> Party:
    hostile = chance.choice(TEXTS)
    return Party(
        chance.choice(("Harbour Clinic & Co.", f"Client {hostile}")),
        chance.choice((None, "Kai 3", hostile)),
        chance.choice(("20095", "1010")),
        chance.choice(("Wien", f"Ort {hostile}")),
        chance.choice(("AT", "DE", "CH", "US")),
        "ATU12345678",
        email=chance.choice((None, "a.b@example.com")),
        electronic_address=chance.choice(("0088:4000001000005", "0204:991-33333TEST-33")),
    )
