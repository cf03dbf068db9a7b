"""Factur-X: a PDF that opens, with the XML in it byte for byte, and metadata that says so."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from facturx import get_xml_from_pdf
from lxml import etree
from pypdf import PdfReader

from tallystick.billing.einvoice import einvoice, render_cii
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.errors import SkipRecord, Stop
from tallystick.paper.facturx import SPACE, render_facturx, with_metadata
from tallystick.paper.pdf import BUILT_IN, Template

from .einvoices import INVOICE, invoices


@pytest.mark.parametrize("document", invoices(seed=3, count=12), ids=lambda one: one.number)
def test_the_xml_is_embedded_byte_for_byte(document: InvoiceDocument) -> None:
    made = render_facturx(document, Template())
    name, xml = get_xml_from_pdf(made, check_xsd=True, check_schematron=False)
    assert (name, xml) == ("factur-x.xml", render_cii(einvoice(document)))
    pages = PdfReader(BytesIO(made), strict=True).pages
    assert document.number in pages[0].extract_text()


@pytest.mark.parametrize("layout", BUILT_IN)
def test_the_same_document_is_the_same_bytes(layout: str) -> None:
    made = render_facturx(INVOICE, Template(layout))
    assert render_facturx(INVOICE, Template(layout)) == made
    assert render_facturx(replace(INVOICE, number="X"), Template(layout)) != made


def test_the_metadata_say_what_is_embedded() -> None:
    root = PdfReader(BytesIO(render_facturx(INVOICE, Template())), strict=True).trailer["/Root"]
    xmp = etree.fromstring(root["/Metadata"].get_object().get_data())
    stated = {etree.QName(one).localname: one.text for one in xmp.iter(f"{{{SPACE}}}*")}
    assert stated == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    described = [one.text for one in xmp.iter("{http://www.aiim.org/pdfa/ns/property#}name")]
    assert set(stated) <= set(described)
    assert xmp.findtext(".//{http://www.aiim.org/pdfa/ns/id/}part") == "3"
    [embedded] = root["/AF"]
    assert embedded.get_object()["/AFRelationship"] == "/Alternative"


def test_the_update_leaves_what_typst_wrote() -> None:
    made = render_facturx(INVOICE, Template())
    before = made[: made.index(b"%%EOF") + len(b"%%EOF")]
    assert with_metadata(before) == made
    old, new = (PdfReader(BytesIO(one), strict=True) for one in (before, made))
    assert [page.extract_text() for page in old.pages] == [
        page.extract_text() for page in new.pages
    ]


def test_no_hybrid_without_what_the_standard_asks_for() -> None:
    with pytest.raises(SkipRecord, match="BR-11"):
        render_facturx(replace(INVOICE, buyer=replace(INVOICE.buyer, country=None)), Template())


def test_a_pdf_of_another_shape_is_refused() -> None:
    with pytest.raises(Stop, match="no metadata"):
        with_metadata(b"%PDF-1.7\ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n0\n%%EOF")
