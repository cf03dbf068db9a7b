"""What a document says, word for word, whichever way it is laid out.

A credit note states what is credited as positive amounts, as its title says so already; a
charge among them carries a minus sign.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tallystick.billing.document import DocumentLine, InvoiceDocument, Party
from tallystick.money import Money, exponent
from tallystick.period import Period

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
PLURAL = {
    *("hour", "month", "quarter", "year"),
    *("device", "user", "licence", "unit", "incident", "package"),
}
ZERO_RATED = {
    "reverse_charge": "Reverse charge: VAT due by the recipient.",
    "exempt": "Exempt from tax.",
}
ROUNDING = "Tax is reckoned on the sum of the lines of each tax category and rounded once."
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is printed; a correction shows no quantity and price."""

    position: str
    text: str
    detail: str
    quantity: str
    unit_price: str
    net: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything printed, in reading order; all of it plain text that still has to be escaped."""

    title: str
    number: str
    dates: tuple[tuple[str, str], ...]
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[tuple[str, str], ...]
    due: tuple[str, str]
    notes: tuple[str, ...]
    payment: tuple[str, ...]


def wording(document: InvoiceDocument) -> Wording:
    """The words and figures of `document`."""
    credit = document.kind == "credit_note"
    sign = -1 if credit else 1
    dates = [("Date", in_words(document.issued_on))]
    if not credit:
        dates.append(("Due", in_words(document.due_on)))
    totals = [("Net", amount(document.net * sign))]
    for tax in document.taxes:
        label = f"Tax {plain(tax.percent)} % ({category(tax.category)}) on {amount(tax.net * sign)}"
        totals.append((label, amount(tax.amount * sign)))
    to_pay = "Total credited" if credit else "Amount due"
    return Wording(
        title="Credit note" if credit else "Invoice",
        number=clean(document.number),
        dates=tuple(dates),
        seller=tuple(party(document.seller)),
        buyer=tuple(party(document.buyer)),
        rows=tuple(row(index, line, sign) for index, line in enumerate(document.lines, 1)),
        totals=tuple(totals),
        due=(f"{to_pay} in {document.currency}", amount(document.gross * sign)),
        notes=tuple(notes(document)),
        payment=tuple(filter(None, map(clean, document.payment_note.splitlines()))),
    )


def party(one: Party) -> Iterator[str]:
    """The address block; lines that are not known are left out."""
    place = " ".join(part for part in (one.postcode, one.city) if part)
    vat = f"VAT ID {one.vat_id}" if one.vat_id else None
    for line in (one.name, one.street, place, one.country, vat):
        if line and clean(line):
            yield clean(line)


def row(position: int, line: DocumentLine, sign: int) -> Row:
    corrects = f", corrects {clean(', '.join(line.corrects))}" if line.corrects else ""
    priced = not line.corrects
    return Row(
        position=str(position),
        text=clean(line.text),
        detail=service(line.service) + corrects,
        quantity=quantity(line.quantity, clean(line.unit)) if priced else "",
        unit_price=price(line.unit_price * sign, line.net.currency) if priced else "",
        net=amount(line.net * sign),
    )


def notes(document: InvoiceDocument) -> Iterator[str]:
    if document.kind == "credit_note":
        yield "The amounts are credited to you."
        if any(line.net.minor > 0 for line in document.lines):
            yield "A minus sign marks a charge that is set off against the credit."
    yield f"All amounts are in {document.currency}."
    for tax in document.taxes:
        if not tax.percent:
            no_tax = f"No tax is charged: {category(tax.category)}."
            yield ZERO_RATED.get(tax.category, no_tax)
    yield ROUNDING


def amount(money: Money) -> str:
    """Major units with thousands separators, in the currency's decimal places."""
    return f"{money.amount:,f}"


def price(unit_price: Decimal, currency: str) -> str:
    """A unit price: the currency's decimal places, more where the price has more."""
    whole, _, places = plain(unit_price).partition(".")
    padded = places.ljust(exponent(currency), "0")
    return f"{whole}.{padded}" if padded else whole


def quantity(count: Decimal, unit: str) -> str:
    """A quantity to four places with its unit: `1 hour`, `1.25 hours`."""
    shown = plain(count.quantize(Decimal("0.0001")))
    return f"{shown} {unit}s" if unit in PLURAL and shown != "1" else f"{shown} {unit}"


def plain(number: Decimal) -> str:
    """Digits with thousands separators and without trailing zeros; never an exponent."""
    written = f"{number + 0:,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def category(name: str) -> str:
    return clean(name.replace("_", " "))


def in_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def service(period: Period) -> str:
    """The service period as people say it, both ends included."""
    first, last = period.start, period.last_day
    if first.day == 1 and period.end.day == 1:
        if (first.year, first.month) == (last.year, last.month):
            return f"{MONTHS[first.month - 1]} {first.year}"
        if first.year == last.year:
            return f"{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {first.year}"
    if first == last:
        return in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {in_words(last)}"
    return f"{in_words(first)} to {in_words(last)}"


def clean(text: str) -> str:
    """Foreign text on one line, without the invisible marks that reorder or hide what is read.

    Control and line characters become spaces; format characters (bidi overrides, isolates,
    zero-width and tag characters) go, except the joiners that scripts and emoji are written with.
    """
    kept = []
    for char in text:
        kind = unicodedata.category(char)
        if kind in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif kind == "Cs":
            kept.append("\N{REPLACEMENT CHARACTER}")
        elif kind != "Cf" or char in JOINERS:
            kept.append(char)
    return " ".join("".join(kept).split())
