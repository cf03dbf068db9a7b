"""Invoice documents: what they say, and that both layouts say it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.billing.documents import render_html, render_text
from tallystick.billing.documents.speech import speech
from tallystick.billing.invoice.document import DocumentLine
from tallystick.billing.tax.rates import TaxLine
from tallystick.money import Money
from tallystick.period import Period, month

from .documents import CORRECTION, CREDIT, DETAILED, INVOICE, JULY, Page, eur

ENGLISH = speech("en")


def test_the_invoice_as_text() -> None:
    rule = "-" * 96
    assert (
        render_text(INVOICE)
        == f"""\
Nordlicht IT GmbH
Hafenstr. 1
20457 Hamburg
Germany
Phone +49 40 1234567
VAT ID DE123456789

INVOICE INV-2026-0042
Date  1 August 2026
Due   15 August 2026

Harbour Clinic & Co.

   Description                                                    Quantity  Unit price       Net
{rule}
1  Care plan                                                    12 devices       99.50  1,194.00
     July 2026
2  Correction: Support                                                                    -47.50
     14 June 2026, corrects INV-2026-0007, INV-2026-0009
{rule}

                                                                                   Net  1,146.50
                                                        Tax 19% (standard) on 1,146.50    217.84
                                                                     Amount due in EUR  1,364.34

All amounts are in EUR.

Please transfer the amount by 15 August 2026, quoting INV-2026-0042.
Thank you.

IBAN            DE89 3704 0044 0532 0130 00
BIC             COBADEFFXXX
Account holder  Nordlicht IT GmbH
Reference       INV-2026-0042
"""
    )


def test_the_invoice_as_html() -> None:
    assert Page(render_html(INVOICE)).texts == [
        *("Invoice INV-2026-0042", "Nordlicht IT GmbH", "Hafenstr. 1", "20457 Hamburg", "Germany"),
        *("Phone +49 40 1234567", "VAT ID DE123456789", "Invoice", "INV-2026-0042"),
        *("Harbour Clinic & Co.", "Date", "1 August 2026", "Due", "15 August 2026"),
        *("Description", "Quantity", "Unit price", "Net"),
        *("1", "Care plan", "July 2026", "12 devices", "99.50", "1,194.00"),
        *("2", "Correction: Support", "14 June 2026, corrects INV-2026-0007, INV-2026-0009"),
        *("-47.50", "Net", "1,146.50", "Tax 19% (standard) on 1,146.50", "217.84"),
        *("Amount due in EUR", "1,364.34", "All amounts are in EUR."),
        "Please transfer the amount by 15 August 2026, quoting INV-2026-0042.",
        *("Thank you.", "IBAN", "DE89 3704 0044 0532 0130 00", "BIC", "COBADEFFXXX"),
        *("Account holder", "Nordlicht IT GmbH", "Reference", "INV-2026-0042"),
    ]


def test_a_credit_note_says_what_is_credited_and_sets_charges_off() -> None:
    page = Page(render_html(CREDIT)).texts
    assert page.index("Credit note") < page.index("INV-2026-0043")
    rows = page[page.index("Net") + 1 : page.index("Total credited in EUR")]
    assert rows == [
        *("1", "Correction: Support", "14 June 2026, corrects INV-2026-0007, INV-2026-0009"),
        "47.50",
        *("2", "Care plan", "July 2026", "0.1 devices", "-99.50", "-9.95"),
        *("Net", "37.55", "Tax 19% (standard) on 37.55", "7.13"),
    ]
    assert page[page.index("Total credited in EUR") + 1] == "44.68"
    assert "The amounts are credited to you." in page
    assert "A minus sign marks a charge that is set off against the credit." in page
    assert "Due" not in page
    only = replace(CREDIT, lines=(CORRECTION, replace(CORRECTION, net=eur(0))))
    assert "minus sign" not in render_text(only)


def test_both_layouts_say_the_same_words() -> None:
    for one in (INVOICE, CREDIT, DETAILED):
        for document in [replace(one, language=language) for language in ("en", "de-CH", "fr")]:
            text = re.sub(r"\s+", " ", render_text(document)).lower()
            shown = [re.sub(r"\s+", " ", one) for one in Page(render_html(document)).texts]
            assert [one for one in shown if one.lower() not in text] == []


@pytest.mark.parametrize(
    ("category", "percent", "note"),
    [
        ("reverse_charge", 0, "Reverse charge: VAT due by the recipient."),
        ("exempt", 0, "Exempt from tax."),
        ("zero_rate", 0, "No tax is charged: zero rate."),
        ("standard", 19, None),
        ("reverse_charge", 19, None),
    ],
)
def test_a_rate_of_nothing_says_why(category: str, percent: int, note: str | None) -> None:
    tax = TaxLine(category, Decimal(percent), eur(114650), eur(0))
    text = render_text(replace(INVOICE, taxes=(tax,)))
    notes = {"VAT due", "Exempt", "No tax"}
    assert [word for word in notes if word in text] == [word for word in notes if word in str(note)]
    assert note is None or note in text


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "1,234,567"), ("EUR", "12,345.67"), ("KWD", "1,234.567")]
)
def test_amounts_have_the_places_of_their_currency(currency: str, shown: str) -> None:
    line = DocumentLine("x", JULY, Decimal(1), "month", Decimal(1), Money(1234567, currency))
    text = render_text(replace(INVOICE, currency=currency, lines=(line,), taxes=()))
    assert f"Amount due in {currency}  {shown}\n" in text


def test_units_and_months_in_words() -> None:
    units = ["hour", "day", "device", "incident", "package"]
    assert [ENGLISH.quantity(Decimal(2), unit) for unit in units] == [f"2 {one}s" for one in units]
    months = "January February March April May June July August September October November December"
    assert [ENGLISH.service(month(2026, number)) for number in range(1, 13)] == [
        f"{name} 2026" for name in months.split()
    ]


def test_prices_and_quantities() -> None:
    prices = [("95", "95.00"), ("37.5000", "37.50"), ("0.0125", "0.0125"), ("-1E+4", "-10,000.00")]
    shown = [ENGLISH.price(Decimal(given), "EUR") for given, _ in prices]
    assert shown == [expected for _, expected in prices]
    assert ENGLISH.price(Decimal("12.0"), "JPY") == "12"
    assert ENGLISH.price(Decimal("-0.00"), "EUR") == "0.00"
    counts = [(Decimal("1.0"), "hour"), (Decimal("0.333333"), "hour"), (Decimal(1200), "GB")]
    assert [ENGLISH.quantity(*one) for one in counts] == ["1 hour", "0.3333 hours", "1,200 GB"]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2026, 7, 1), date(2026, 8, 1), "July 2026"),
        (date(2026, 7, 1), date(2026, 10, 1), "July \N{EN DASH} September 2026"),
        (date(2026, 12, 1), date(2027, 2, 1), "December 2026 \N{EN DASH} January 2027"),
        (date(2026, 12, 1), date(2027, 1, 1), "December 2026"),
        (date(2026, 7, 9), date(2026, 7, 10), "9 July 2026"),
        (date(2026, 7, 15), date(2026, 8, 1), "15\N{EN DASH}31 Jul 2026"),
        (date(2026, 7, 1), date(2026, 7, 3), "1\N{EN DASH}2 Jul 2026"),
        (date(2026, 7, 15), date(2026, 8, 15), "15 Jul \N{EN DASH} 14 Aug 2026"),
    ],
)
def test_service_periods_are_said_with_both_ends(start: date, end: date, said: str) -> None:
    assert ENGLISH.service(Period(start, end)) == said
