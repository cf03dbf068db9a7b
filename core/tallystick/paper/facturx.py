"""Factur-X (in Germany ZUGFeRD): the PDF people read with the invoice that machines read inside.

The XML is CII in the profile EN 16931, named `factur-x.xml`, with the relationship
"Alternative"; the PDF's metadata says so in the words of Factur-X 1.0, chapter "XMP metadata".
typst embeds the file but knows no such metadata, so they are appended as an incremental update
(ISO 32000-1, 7.5.6): what typst wrote stays as it is, and the same document is the same bytes.
"""

from __future__ import annotations

import re

from tallystick.billing.einvoice import einvoice, render_cii
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.errors import Stop
from tallystick.paper.pdf import Attachment, Template, render_pdf

FILE_NAME = "factur-x.xml"
SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
STATED = {
    "DocumentType": ("INVOICE", "INVOICE"),
    "DocumentFileName": (FILE_NAME, "name of the embedded XML invoice file"),
    "Version": ("1.0", "version of the Factur-X XML schema"),
    "ConformanceLevel": ("EN 16931", "conformance level of the embedded Factur-X data"),
}
"""What is said about the file, and PDF/A's explanation of each property."""

_TRAILER = re.compile(
    rb"trailer\n<<(?P<entries>.*/Root (?P<root>\d+) 0 R.*)>>\nstartxref\n(?P<xref>\d+)\n%%EOF\s*\Z"
)
_STREAM = re.compile(
    rb"<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(.*?)\nendstream", re.DOTALL
)
_SCHEMAS = b"</rdf:Bag></pdfaExtension:schemas>"
_END = b"</rdf:RDF>"


def render_facturx(document: InvoiceDocument, template: Template) -> bytes:
    """The hybrid. Raises `SkipRecord` when the document lacks what EN 16931 asks for, and `Stop`
    when no PDF can be made."""
    xml = render_cii(einvoice(document))
    carried = Attachment(FILE_NAME, xml, "alternative", "text/xml", "Factur-X invoice")
    return with_metadata(render_pdf(document, template, [carried]))


def with_metadata(pdf: bytes) -> bytes:
    """`pdf` as typst writes it, and the Factur-X metadata after it."""
    trailer = _TRAILER.search(pdf)
    number = _metadata_of(pdf, int(trailer["root"])) if trailer else None
    packet = _STREAM.match(pdf, _object(pdf, number)) if number else None
    if not (trailer and number and packet and _SCHEMAS in packet[1]):
        raise Stop(
            "The PDF that typst made has no metadata where Factur-X has to add its own.",
            do='Install the typst version that Tallystick was tested with, or take "facturx" out '
            "of [documents].",
        )
    xmp = _stated(packet[1])
    start = len(pdf) + 1
    body = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n" % (number, len(xmp))
    body += xmp + b"\nendstream\nendobj\n"
    table = b"xref\n0 1\n%010d 65535 f\r\n%d 1\n%010d 00000 n\r\n" % (0, number, start)
    entries = trailer["entries"] + b"/Prev " + trailer["xref"]
    end = b"trailer\n<<%b>>\nstartxref\n%d\n%%%%EOF\n" % (entries, start + len(body))
    return b"%b\n%b%b%b" % (pdf, body, table, end)


def _metadata_of(pdf: bytes, root: int) -> int | None:
    """The object number of the metadata that the catalog names."""
    catalog = pdf[_object(pdf, root) :].partition(b"endobj")[0]
    named = re.search(rb"/Metadata (\d+) 0 R", catalog)
    return int(named[1]) if named else None


def _object(pdf: bytes, number: int) -> int:
    """Where the last object of that number begins, after its heading."""
    heading = b"\n%d 0 obj\n" % number
    return pdf.rfind(heading) + len(heading)


def _stated(packet: bytes) -> bytes:
    """The XMP packet with the properties, and the schema that PDF/A wants described for them."""
    described = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, (_, meaning) in STATED.items()
    )
    schema = (
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{SPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
    values = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in STATED.items())
    stated = f'<rdf:Description rdf:about="" xmlns:fx="{SPACE}">{values}</rdf:Description>'
    return packet.replace(_SCHEMAS, schema.encode() + _SCHEMAS, 1).replace(
        _END, stated.encode() + _END, 1
    )
