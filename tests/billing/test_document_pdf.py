"""PDF documents: the same bytes on any day, text that stays text, and the files they carry."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from tallystick.billing.invoice.document import Annexed, InvoiceDocument
from tallystick.errors import Stop
from tallystick.paper import pdf
from tallystick.paper.pdf import BUILT_IN, Attachment, Template, render_pdf

from .documents import CREDIT, DETAILED, FEE, INVOICE, eur
from .test_document_hostile import HOSTILE, documents_with

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)


def pages(document: InvoiceDocument, layout: str | Template = "classic") -> list[str]:
    template = layout if isinstance(layout, Template) else Template(layout)
    return [
        re.sub(r"[\s\u200b]+", " ", page.extract_text())
        for page in PdfReader(BytesIO(render_pdf(document, template))).pages
    ]


@pytest.mark.parametrize("layout", BUILT_IN)
def test_the_same_document_is_the_same_bytes(layout: str) -> None:
    for document in (INVOICE, CREDIT, DETAILED):
        first = render_pdf(document, Template(layout))
        pdf._compiler.cache_clear()
        assert render_pdf(document, Template(layout)) == first
        assert render_pdf(replace(document, number="X"), Template(layout)) != first
        dates = set(re.findall(rb"(20\d\d-?\d\d-?\d\d)[T0]", first))
        assert dates <= {b"2026-08-01", b"20260801"}, "only its own day is in it"


@pytest.mark.parametrize("layout", BUILT_IN)
def test_every_layout_says_all_there_is(layout: str) -> None:
    document = replace(DETAILED, language="de")
    text = " ".join(pages(document, layout)).replace("\xa0", " ")
    for part in (
        *("Rechnung INV-2026-0042", "1. August 2026", "PO-77", "04011000-12345-03", "Care plan"),
        *("Juli 2026", "12 Geräte", "99,50", "19 %", "1.194,00", "Harbour Clinic & Co."),
        *("berichtigt INV-2026-0007 vom 01.07.2026", "USt 19 % (Regelsatz) auf 1.146,50"),
        *("Zu zahlen in EUR", "1.364,34", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX"),
        *("Alle Beträge in EUR.", "Thank you.", "Einzelnachweis", "PC-2", "Röntgen", "14.06.2026"),
        *("31. Juli 2026", "Enthalten in Care plan: 1 Ticket, 1,5 Stunden", "T-8", "Toner"),
        *("Seite 1 von 2", "Seite 2 von 2", "Nordlicht IT GmbH", "DE123456789", "+49 40 1234567"),
    ):
        assert part.replace(" ", "") in text.replace(" ", ""), part


@pytest.mark.parametrize("layout", BUILT_IN)
def test_the_head_of_the_table_stands_on_every_page(layout: str) -> None:
    behind = tuple(
        Annexed(1, date(2026, 7, 1), f"T-{i}", "Booking", Decimal(1), "hour", eur(1))
        for i in range(120)
    )
    many = pages(replace(INVOICE, lines=(FEE,) * 120, annex=behind), layout)
    lined = [page for page in many if "12 devices" in page]
    assert len(lined) > 1 and all("Unit price" in page for page in lined)
    annexed = [page for page in many if "Booking" in page]
    assert len(annexed) > 1 and all("Record" in page for page in annexed)
    assert [f"Page {at} of {len(many)}" in page for at, page in enumerate(many, 1)] == [
        True for _ in many
    ]


def test_a_credit_note_has_no_field_for_a_payment() -> None:
    tint = b"0.93333334 0.95686275 0.95686275 scn"
    for document, tinted in ((replace(CREDIT, lines=CREDIT.lines[:1]), False), (INVOICE, True)):
        made = PdfReader(BytesIO(render_pdf(replace(document, annex=()), Template("modern"))))
        assert (tint in made.pages[0].get_contents().get_data()) == tinted  # type: ignore[union-attr]  # a page has contents


def test_it_carries_a_file_byte_for_byte() -> None:
    xml = "<?xml version='1.0' encoding='UTF-8'?>\r\n<a>ä漢</a>\n".encode()
    made = PdfReader(BytesIO(render_pdf(INVOICE, Template(), [Attachment("factur-x.xml", xml)])))
    assert made.attachments["factur-x.xml"] == [xml]
    [spec] = made.trailer["/Root"]["/AF"]
    assert spec.get_object()["/AFRelationship"] == "/Alternative"
    assert b'pdfaid:part="3"' in render_pdf(INVOICE) or b"<pdfaid:part>3" in render_pdf(INVOICE)


FOREIGN = [*HOSTILE, '#panic("x") $x$ *b* @a `c` \\ // /* ', "漢字 \ue000 \U0001f600", "long" * 200]


@pytest.mark.parametrize("hostile", FOREIGN)
@pytest.mark.parametrize("layout", BUILT_IN)
def test_foreign_text_is_only_text(layout: str, hostile: str) -> None:
    for document in documents_with(hostile):
        behind = (Annexed(1, None, hostile, hostile, Decimal(1), hostile, None),)
        assert render_pdf(replace(document, annex=behind), Template(layout))[:8] == b"%PDF-1.7"


def test_markup_in_a_name_is_printed_as_it_is_written() -> None:
    buyer = replace(INVOICE.buyer, name='#panic("x") *b* @a')
    assert '#panic("x") *b* @a' in " ".join(pages(replace(INVOICE, buyer=buyer)))


def test_a_character_no_font_has_is_a_box() -> None:
    buyer = replace(INVOICE.buyer, name="A\u0378B")
    assert "A\N{WHITE SQUARE}B" in " ".join(pages(replace(INVOICE, buyer=buyer)))


def test_a_template_and_a_logo_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(LOGO)
    (tmp_path / "parts.typ").write_text("#let greeting = [Moin]")
    (tmp_path / "mine.typ").write_text(
        '#import "@tallystick/invoice:0.1.0": *\n#import "/parts.typ": greeting\n'
        "#show: described\n#greeting #invoice.buyer.first()\n#image(sys.inputs.logo)\n#lines()\n"
    )
    mine = Template(tmp_path / "mine.typ", tmp_path, tmp_path / "logo.svg")
    assert "Moin Harbour Clinic & Co." in pages(INVOICE, mine)[0]
    for layout in BUILT_IN:
        drawn = Template(layout, tmp_path, tmp_path / "logo.svg")
        assert render_pdf(INVOICE, drawn) != render_pdf(INVOICE, Template(layout))


def test_a_template_that_cannot_be_compiled_says_where(tmp_path: Path) -> None:
    (tmp_path / "mine.typ").write_text("#nothing-of-that-name")
    with pytest.raises(Stop, match=r"mine\.typ cannot be compiled.*unknown variable"):
        render_pdf(INVOICE, Template(tmp_path / "mine.typ", tmp_path))
    with pytest.raises(Stop, match=r"gone\.typ cannot be read"):
        render_pdf(INVOICE, Template(tmp_path / "gone.typ", tmp_path))


def test_without_typst_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Stop, match=r"pip install \"tallystick\[pdf\]\""):
        render_pdf(INVOICE)
