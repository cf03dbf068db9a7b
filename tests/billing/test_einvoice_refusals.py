"""What no e-invoice can be made of is said, with the rule and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.billing.einvoice import EN16931, PROFILES, einvoice, render_ubl
from tallystick.billing.invoice.document import InvoiceDocument, Payment
from tallystick.billing.tax.rates import TaxLine
from tallystick.errors import SkipRecord
from tallystick.money import Money

from .documents import CORRECTION, eur
from .einvoice_judge import judged
from .einvoices import BUYER, INVOICE, SELLER, TAXABLE, untaxed

NO_VAT = replace(SELLER, vat_id=None)
REFUSED: dict[str, tuple[InvoiceDocument, str]] = {
    "BR-09": (replace(INVOICE, seller=replace(SELLER, country=None)), "'not known'"),
    "BR-CL-14": (replace(INVOICE, seller=replace(SELLER, country="Germany")), "'Germany'"),
    "BR-11": (replace(INVOICE, buyer=replace(BUYER, country=None)), "'not known'"),
    "BR-25": (replace(INVOICE, lines=(replace(TAXABLE, text="\u202e"),)), "BT-153"),
    "BR-CO-26": (replace(INVOICE, seller=replace(NO_VAT, registration=None)), "BT-30"),
    "BR-CO-09": (replace(INVOICE, buyer=replace(BUYER, vat_id="12345")), "'12345'"),
    "BR-CL-25": (replace(INVOICE, buyer=replace(BUYER, electronic_address="x:1")), "'x:1'"),
    "BR-S-02": (replace(INVOICE, seller=replace(NO_VAT, tax_number=None)), "BT-31/32"),
    "BR-S-05": (untaxed("S"), "above 0"),
    "BR-Z-05": (
        replace(INVOICE, taxes=(replace(INVOICE.taxes[0], code="Z"),)),
        "0 percent",
    ),
    "BR-E-10": (untaxed("E"), "BT-120"),
    "BR-AE-02": (replace(untaxed("AE"), buyer=replace(BUYER, vat_id=None)), "BT-48/47"),
    "BR-IC-02": (replace(untaxed("K"), buyer=replace(BUYER, vat_id=None)), "BT-48"),
    "BR-G-02": (replace(untaxed("G"), seller=NO_VAT), "BT-31"),
    "BR-O-11": (
        replace(
            INVOICE,
            lines=(TAXABLE, replace(CORRECTION, tax_category="outside")),
            taxes=(
                *INVOICE.taxes,
                TaxLine("outside", Decimal(0), eur(-4750), eur(0), "O"),
            ),
        ),
        "beside another",
    ),
    "BR-S-08": (
        replace(INVOICE, taxes=(replace(INVOICE.taxes[0], net=eur(119600)),)),
        "are not the 1196.00 taxed",
    ),
    "BR-CO-17": (
        replace(INVOICE, taxes=(replace(INVOICE.taxes[0], amount=eur(22800)),)),
        "rounded in parts",
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_a_rule_asks_for_and_is_missing_is_said(rule: str) -> None:
    document, said = REFUSED[rule]
    with pytest.raises(SkipRecord) as refused:
        einvoice(document)
    assert f"{rule}" in refused.value.what and said in refused.value.what
    assert document.buyer.name in refused.value.what and refused.value.ref == document.number


def test_what_is_refused_would_not_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal is needed: written all the same, the rules object to the file."""
    monkeypatch.setattr("tallystick.billing.einvoice.terms.refuse_unless_complete", lambda _: None)
    for rule, (document, _) in REFUSED.items():
        (tmp_path / f"{rule}.xml").write_bytes(render_ubl(einvoice(document)))
    for name, said in judged(tmp_path).items():
        assert any(f"[{name.removesuffix('.xml')}]" in one for one in said), f"{name}: {said}"


def test_three_decimals_are_refused() -> None:
    tax = TaxLine("standard", Decimal(19), Money(119400, "KWD"), Money(22686, "KWD"))
    lines = (replace(TAXABLE, net=Money(119400, "KWD")),)
    with pytest.raises(SkipRecord, match="KWD has three"):
        einvoice(replace(INVOICE, currency="KWD", lines=lines, taxes=(tax,)))


@pytest.mark.parametrize(
    ("category", "percent", "found"), [("reduced", None, 0), ("standard", 7, 0), ("sold", None, 2)]
)
def test_a_line_without_its_one_tax_line_is_refused(
    category: str, percent: int | None, found: int
) -> None:
    stated = None if percent is None else Decimal(percent)
    line = replace(TAXABLE, tax_category=category, tax_percent=stated)
    sold = [TaxLine("sold", Decimal(each), eur(0), eur(0)) for each in (19, 16)]
    document = replace(INVOICE, lines=(line,), taxes=(*INVOICE.taxes, *sold))
    said = f"Harbour Clinic has tax category '{category}', for which the document has {found} tax"
    with pytest.raises(SkipRecord, match=said):
        einvoice(document)


Change = Callable[[InvoiceDocument], InvoiceDocument]
DEMANDED: dict[str, tuple[str, Change]] = {
    "BR-DE-15": ("xrechnung", lambda one: replace(one, buyer_reference="")),
    "BR-DE-5": ("xrechnung", lambda one: replace(one, seller=replace(SELLER, phone=None))),
    "BR-DE-7": ("xrechnung", lambda one: replace(one, seller=replace(SELLER, email="a@b"))),
    "BR-DE-8": ("xrechnung", lambda one: replace(one, buyer=replace(BUYER, city=None))),
    "BR-DE-1": ("xrechnung", lambda one: replace(one, payment=Payment())),
    "BR-DE-30": ("xrechnung", lambda one: replace(one, payment=Payment(mandate="M-1"))),
    "PEPPOL-EN16931-R003": ("peppol", lambda one: replace(one, buyer_reference="")),
    "PEPPOL-EN16931-R010": (
        "peppol",
        lambda one: replace(one, buyer=replace(BUYER, electronic_address=None)),
    ),
    "PEPPOL-EN16931-CL008": (
        "peppol",
        lambda one: replace(one, buyer=replace(BUYER, electronic_address="EM:a@b.example")),
    ),
}


@pytest.mark.parametrize("rule", DEMANDED)
def test_a_profile_asks_for_more(rule: str) -> None:
    profile, change = DEMANDED[rule]
    einvoice(INVOICE, PROFILES[profile])
    einvoice(change(INVOICE), EN16931)
    with pytest.raises(SkipRecord, match=rule):
        einvoice(change(INVOICE), PROFILES[profile])
