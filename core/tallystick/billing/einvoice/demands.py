"""What EN 16931 and its profiles ask for, said before a file is written that would be invalid.

Each demand is a clause about what is missing and names the business term (BT) and, in brackets,
the rule. Rules that hold by construction (sums, signs, code lists of our own) are not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tallystick.billing.einvoice.codes import ADDRESS_SCHEMES, COUNTRIES, VAT_PREFIXES
from tallystick.billing.einvoice.model import EBreakdown, EInvoice, EParty
from tallystick.billing.einvoice.profiles import PEPPOL, XRECHNUNG
from tallystick.errors import SkipRecord
from tallystick.money import Money, exponent

MOST_DECIMALS = 2
COMPLETE = "Complete [msp] or [[tax]] in tallystick.toml or the client's record"
_EMAIL = re.compile(r"[^@\s]+@([^@.\s]+\.)+[^@.\s]+")


def lacking(invoice: EInvoice) -> list[str]:
    """Everything `invoice` lacks, each as one clause; nothing where it passes."""
    found = [*_content(invoice), *_parties(invoice), *_taxes(invoice), *_profile(invoice)]
    return list(dict.fromkeys(found))


def refuse_unless_complete(invoice: EInvoice) -> None:
    """Raises `SkipRecord` with everything `invoice` lacks."""
    found = lacking(invoice)
    if found:
        raise SkipRecord(
            f"{invoice.number} for {invoice.buyer.name or 'a client without a name'} cannot be "
            f"an e-invoice: {'; '.join(found)}.",
            do=f"{COMPLETE}; what is issued stays as it is.",
            record="invoice",
            ref=invoice.number,
        )


def _content(invoice: EInvoice) -> Iterator[str]:
    if exponent(invoice.currency) > MOST_DECIMALS:
        yield f"amounts have two decimals at most and {invoice.currency} has three (BR-DEC-12)"
    for line in invoice.lines:
        if not line.name:
            yield f"line {line.id} has no text, BT-153 (BR-25)"


def _parties(invoice: EInvoice) -> Iterator[str]:
    seller, buyer = invoice.seller, invoice.buyer
    yield from _party("seller", seller, "BT-27, BT-40 (BR-06, BR-09, BR-CL-14)")
    yield from _party("client", buyer, "BT-44, BT-55 (BR-07, BR-11, BR-CL-14)")
    if not seller.has_vat_id() and not seller.registration:
        yield "the seller needs a registration, BT-30, where no VAT ID may be stated (BR-CO-26)"


def _party(role: str, party: EParty, terms: str) -> Iterator[str]:
    if not party.name or party.country not in COUNTRIES:
        yield (
            f"the {role} needs a name and a country of two letters such as DE, {terms}, "
            f"and the country is {party.country or 'not known'!r}"
        )
    for tax_id in party.tax_ids:
        if tax_id.vat and tax_id.number[:2] not in VAT_PREFIXES:
            yield (
                f"the {role}'s VAT ID {tax_id.number!r} does not begin with a country (BR-CO-09)"
            )
    if party.address and (party.address[0] not in ADDRESS_SCHEMES or not party.address[1]):
        yield (
            f"the {role}'s electronic address {':'.join(party.address)!r} is not scheme:id with "
            "a scheme of the EAS list, such as 9930:DE123456789 (BR-CL-25)"
        )


def _taxes(invoice: EInvoice) -> Iterator[str]:
    for entry in invoice.breakdown:
        yield from _rate(invoice, entry)
        yield from _identified(invoice, entry)
    codes = {entry.code for entry in invoice.breakdown}
    if "O" in codes and len(codes) > 1:
        yield "tax code O cannot stand beside another one on one invoice (BR-O-11)"


def _rate(invoice: EInvoice, entry: EBreakdown) -> Iterator[str]:
    if entry.code == "S" and not entry.percent:
        yield "tax code S needs a percentage above 0: give the category its own code (BR-S-05)"
    if entry.code != "S" and (entry.percent or entry.tax):
        yield f"tax code {entry.code} needs 0 percent ({_rule(entry, 5)})"
    if entry.code == "E" and not entry.reason:
        yield "tax code E needs its exemption in words, BT-120 (BR-E-10)"
    lines = [line.net for line in invoice.lines if (line.code, line.percent) == _kind(entry)]
    if sum(lines) != entry.net:
        yield f"lines of tax code {entry.code} are not the {entry.net} taxed ({_rule(entry, 8)})"
    exact = Money.rounded(entry.net * entry.percent / 100, invoice.currency).amount
    if abs(entry.tax - exact) >= 1:
        yield (
            f"the tax of {entry.tax} on {entry.net}, rounded in parts, is too far from "
            f"{entry.percent} percent of it (BR-CO-17)"
        )


def _identified(invoice: EInvoice, entry: EBreakdown) -> Iterator[str]:
    seller, buyer, rule = invoice.seller, invoice.buyer, _rule(entry, 2)
    if entry.code in ("K", "G") and not seller.has_vat_id():
        yield f"tax code {entry.code} needs the seller's VAT ID, BT-31 ({rule})"
    if entry.code in ("S", "Z", "E", "AE") and not seller.tax_ids:
        yield f"tax code {entry.code} needs the seller's VAT ID or tax number, BT-31/32 ({rule})"
    if entry.code == "K" and not buyer.has_vat_id():
        yield f"tax code K needs the client's VAT ID, BT-48 ({rule})"
    if entry.code == "AE" and not (buyer.has_vat_id() or buyer.registration):
        yield f"tax code AE needs the client's VAT ID or registration, BT-48/47 ({rule})"


def _kind(entry: EBreakdown) -> tuple[str, Decimal]:
    return entry.code, entry.percent


def _rule(entry: EBreakdown, number: int) -> str:
    """Each code has a family of rules of the same numbers; K has those named IC."""
    return f"BR-{'IC' if entry.code == 'K' else entry.code}-{number:02}"


def _profile(invoice: EInvoice) -> Iterator[str]:
    if invoice.profile is XRECHNUNG:
        yield from _xrechnung(invoice)
    if invoice.profile is PEPPOL and not (invoice.buyer_reference or invoice.order):
        yield "Peppol needs a buyer reference or a purchase order, BT-10/13 (PEPPOL-EN16931-R003)"
    if invoice.profile in (PEPPOL, XRECHNUNG):
        for role, party, term in (
            ("seller", invoice.seller, "BT-34 (PEPPOL-EN16931-R020)"),
            ("client", invoice.buyer, "BT-49 (PEPPOL-EN16931-R010)"),
        ):
            if not party.address:
                yield f"the {role} needs an electronic address, {term}"
            elif invoice.profile is PEPPOL and not party.address[0].isdigit():
                yield f"Peppol does not carry to {':'.join(party.address)} (PEPPOL-EN16931-CL008)"


def _xrechnung(invoice: EInvoice) -> Iterator[str]:
    seller, payment = invoice.seller, invoice.payment
    if not invoice.buyer_reference:
        yield "XRechnung needs the client's buyer reference or Leitweg-ID, BT-10 (BR-DE-15)"
    if not (seller.contact and sum(map(str.isdigit, seller.phone)) >= 3):
        yield "XRechnung needs the seller's contact and phone, BT-41/42 (BR-DE-5, 6, 27)"
    if not _EMAIL.fullmatch(seller.email):
        yield "XRechnung needs the seller's e-mail, BT-43 (BR-DE-7, 28)"
    for role, party, rule in (("seller", seller, "3, 4"), ("client", invoice.buyer, "8, 9")):
        if not (party.city and party.postcode):
            yield f"XRechnung needs the {role}'s city and postcode (BR-DE-{rule})"
    if payment is None:
        yield "XRechnung needs a way to pay: an IBAN, or a mandate (BR-DE-1)"
    elif payment.mandate and not (payment.creditor_id and payment.debited_iban):
        yield "XRechnung needs creditor ID and debited account, BT-90/91 (BR-DE-30, 31)"
