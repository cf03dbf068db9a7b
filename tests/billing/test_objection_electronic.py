"""What an e-invoice lacks holds the proposal, in the words in which it would be refused later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tallystick.billing.einvoice import EN16931, Profile, einvoice
from tallystick.billing.einvoice.profiles import PEPPOL, XRECHNUNG
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.billing.objections.case import Case
from tallystick.billing.objections.einvoicing import einvoice as objection
from tallystick.errors import SkipRecord

from .einvoices import BUYER, INVOICE
from .test_einvoice_refusals import REFUSED
from .test_objections import proposal


def case_of(document: InvoiceDocument | None, profiles: Sequence[Profile] = (EN16931,)) -> Case:
    return Case(proposal(), document=document, profiles=profiles)


@pytest.mark.parametrize("rule", REFUSED)
def test_the_hold_says_what_the_refusal_would_say(rule: str) -> None:
    document, _ = REFUSED[rule]
    [held] = objection(case_of(document))
    assert (held.code, held.severity) == ("einvoice_incomplete", "hold")
    with pytest.raises(SkipRecord) as refused:
        einvoice(document)
    assert rule in held.what
    assert held.what.partition("e-invoice: ")[2] == refused.value.what.partition("e-invoice: ")[2]
    assert "Complete [msp] or [[tax]]" in held.do


def test_nothing_is_said_where_it_passes_or_nobody_asks() -> None:
    lacking = replace(INVOICE, buyer=replace(BUYER, country=None))
    assert list(objection(case_of(INVOICE))) == []
    assert list(objection(case_of(lacking, ()))) == []
    assert list(objection(case_of(None))) == []


def test_two_profiles_name_what_both_lack_once() -> None:
    lacking = replace(INVOICE, buyer=replace(BUYER, country=None), buyer_reference="")
    [one] = objection(case_of(lacking, (EN16931, XRECHNUNG, PEPPOL)))
    assert one.what.count("the client needs a name and a country") == 1
    assert "BR-DE-15" in one.what and "PEPPOL-EN16931-R003" in one.what


def test_a_line_of_which_nobody_knows_the_tax_is_a_hold_too() -> None:
    line = replace(INVOICE.lines[0], tax_category="gone")
    [one] = objection(case_of(replace(INVOICE, lines=(line,))))
    assert "has tax category 'gone', for which the document has 0 tax lines." in one.what
