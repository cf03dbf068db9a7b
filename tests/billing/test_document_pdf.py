"""PDF documents: the same bytes on any day, text that stays text, and the files they carry."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from tallystick.billing.document import InvoiceDocument
from tallystick.paper.pdf import BUILT_IN, Attachment, Template, render_pdf

from .documents import CREDIT, INVOICE
from .test_document_hostile import HOSTILE, documents_with


def shown(document: InvoiceDocument, layout: str = "classic") -> str:
    pages = PdfReader(BytesIO(render_pdf(document, Template(layout)))).pages
    return "\n".join(page.extract_text() for page in pages)


@pytest.mark.parametrize("layout", BUILT_IN)
def test_the_same_document_is_the_same_bytes(layout: str) -> None:
    for document in (INVOICE, CREDIT):
        first = render_pdf(document, Template(layout))
        assert render_pdf(document, Template(layout)) == first
        assert render_pdf(replace(document, number="X"), Template(layout)) != first


def test_it_carries_a_file_byte_for_byte() -> None:
    xml = "<?xml version='1.0' encoding='UTF-8'?>\r\n<a>ä漢</a>\n".encode()
    made = PdfReader(BytesIO(render_pdf(INVOICE, Template(), [Attachment("factur-x.xml", xml)])))
    assert made.attachments["factur-x.xml"] == [xml]
    [spec] = made.trailer["/Root"]["/AF"]
    assert spec.get_object()["/AFRelationship"] == "/Alternative"


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, '#panic("x") $x$ *b* @a `c` \\', "漢字 \ue000 \U0001f600"]
)
@pytest.mark.parametrize("layout", BUILT_IN)
def test_foreign_text_is_only_text(layout: str, hostile: str) -> None:
    for document in documents_with(hostile):
        assert render_pdf(document, Template(layout)).startswith(b"%PDF-1.7")


def test_markup_in_a_name_is_printed_as_it_is_written() -> None:
    buyer = replace(INVOICE.buyer, name='#panic("x") *b* @a')
    assert '#panic("x") *b* @a' in shown(replace(INVOICE, buyer=buyer))
