"""From an invoice document to the terms of EN 16931.

A credit note (381) states positive amounts where the books have negative ones. A price is never
negative (BR-27): what goes the other way has a negative quantity. A line whose quantity times
price is not its net, because charges rounded one by one were joined, becomes one unit at the net
amount, and its note says what was counted.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Literal

from tallystick.billing.documents.speech import clean, speech
from tallystick.billing.einvoice.codes import ONE, UNITS
from tallystick.billing.einvoice.demands import refuse_unless_complete
from tallystick.billing.einvoice.model import EInvoice, ELine, EParty, EPayment, ETaxId
from tallystick.billing.einvoice.profiles import EN16931, PEPPOL, Profile
from tallystick.billing.einvoice.taxing import breakdown, tax_of
from tallystick.billing.invoice.document import DocumentLine, InvoiceDocument, Party, Payment
from tallystick.billing.tax.rates import TaxLine

HALF_A_CENT = Decimal("0.005")
CREDITED = {"de": "Der Betrag wird gutgeschrieben.", "en": "The amount is credited."}


def einvoice(document: InvoiceDocument, profile: Profile = EN16931) -> EInvoice:
    """`document` in the standard's terms; raises `SkipRecord` naming all that is missing."""
    invoice = stated(document, profile)
    refuse_unless_complete(invoice)
    return invoice


def stated(document: InvoiceDocument, profile: Profile) -> EInvoice:
    """`document` in the standard's terms, whatever is missing; raises `SkipRecord` for a line of
    which nobody knows the tax."""
    sign = -1 if document.kind == "credit_note" else 1
    outside = any(one.code == "O" for one in document.taxes)
    buyer = _party("client", document.buyer, profile, outside)
    return EInvoice(
        profile=profile,
        number=clean(document.number),
        credit_note=sign < 0,
        issued_on=document.issued_on,
        due_on=document.due_on if sign > 0 else None,
        terms=_terms(document),
        currency=document.currency,
        buyer_reference=clean(document.buyer_reference),
        order=clean(document.po_number),
        preceding=_preceding(document),
        seller=_party("seller", document.seller, profile, outside),
        buyer=buyer,
        deliver_to=buyer if any(one.code == "K" for one in document.taxes) else None,
        payment=_payment(document.payment, document.currency, profile, sign),
        start=min(line.service.start for line in document.lines),
        last=max(line.service.last_day for line in document.lines),
        lines=tuple(
            _line(index, line, tax_of(line, document), sign, document.language)
            for index, line in enumerate(document.lines, 1)
        ),
        breakdown=breakdown(document, sign),
        net=(document.net * sign).amount,
        tax=(document.tax * sign).amount,
        gross=(document.gross * sign).amount,
    )


def _line(index: int, line: DocumentLine, tax: TaxLine, sign: int, language: str) -> ELine:
    net = line.net * sign
    unit, price = clean(line.unit), abs(line.unit_price)
    code = UNITS.get(unit, ONE)
    counted = f"{line.quantity:f} {unit} x {line.unit_price:f} {net.currency}"
    quantity, note = abs(line.quantity), "" if unit in UNITS else counted
    if abs(quantity * price - abs(net.amount)) > HALF_A_CENT:
        quantity, price, code, note = Decimal(1), abs(net.amount), ONE, counted
    return ELine(
        id=str(index),
        name=speech(language).text(line.text),
        note=note,
        quantity=-quantity if net.minor < 0 else quantity,
        unit=code,
        price=price,
        net=net.amount,
        code=tax.code,
        percent=tax.percent,
        start=line.service.start,
        last=line.service.last_day,
    )


def _party(
    role: Literal["seller", "client"], party: Party, profile: Profile, outside: bool
) -> EParty:
    """`outside` the scope of tax no VAT identifier may be stated (BR-O-02); a number that is none
    is stated of the seller only (BT-32)."""
    vat_id = _compact(party.vat_id)
    own = clean(party.tax_number or "") if role == "seller" else ""
    stated = [ETaxId(vat_id, vat=True)] if vat_id and not outside else []
    return EParty(
        name=clean(party.name),
        street=clean(party.street or ""),
        postcode=clean(party.postcode or ""),
        city=clean(party.city or ""),
        country=clean(party.country or ""),
        registration=clean(party.registration or ""),
        tax_ids=(*stated, *([ETaxId(own, vat=False)] if own else [])),
        address=_address(party, profile),
        contact=clean(party.contact or ""),
        phone=clean(party.phone or ""),
        email=clean(party.email or ""),
    )


def _address(party: Party, profile: Profile) -> tuple[str, str] | None:
    """The party's own, or its e-mail; Peppol does not carry to an e-mail address."""
    if party.electronic_address:
        scheme, _, address = clean(party.electronic_address).partition(":")
        return scheme.strip(), address.strip()
    email = clean(party.email or "")
    return ("EM", email) if email and profile is not PEPPOL else None


def _payment(payment: Payment, currency: str, profile: Profile, sign: int) -> EPayment | None:
    """Direct debit (59) under a mandate, else transfer: by SEPA (58) in euros, otherwise 30.

    A credit note names no account to pay to; XRechnung asks for payment instructions even so
    (BR-DE-1) and is told that no means is agreed (1).
    """
    if sign < 0 or not (payment.mandate or payment.iban):
        return EPayment("1") if sign < 0 and profile is not EN16931 else None
    if payment.mandate:
        return EPayment(
            "59",
            mandate=clean(payment.mandate),
            creditor_id=clean(payment.creditor_id or ""),
            debited_iban=_compact(payment.debited_iban),
        )
    return EPayment(
        "58" if currency == "EUR" else "30",
        iban=_compact(payment.iban),
        bic=_compact(payment.bic),
        holder=clean(payment.holder or ""),
    )


def _compact(number: str | None) -> str:
    return "".join(clean(number or "").split())


def _terms(document: InvoiceDocument) -> str:
    """The payment note, line for line; a credit note has at least to say that it is one."""
    lines = filter(None, map(clean, document.payment_note.splitlines()))
    said = "\n".join(lines)
    if said or document.kind == "invoice":
        return said
    return CREDITED["de" if document.language.startswith("de") else "en"]


def _preceding(document: InvoiceDocument) -> tuple[tuple[str, date | None], ...]:
    """Every invoice the document or one of its lines goes back to, once, dated where known."""
    dated = dict(document.corrects)
    named = chain(dated, *(line.corrects for line in document.lines))
    return tuple((clean(number), dated.get(number)) for number in dict.fromkeys(named))
