"""Every invoice of the demo as an e-invoice: UBL beside it, and Factur-X of the same books."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from facturx import get_xml_from_pdf
from sqlalchemy import select
from tests.billing.einvoice_judge import judged

from tallystick.billing.einvoice import einvoice, render_cii
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.cycle.document import document_of
from tallystick.paper.facturx import render_facturx
from tallystick.paper.pdf import Template
from tallystick.store.billing.schema import invoice
from tallystick.store.database import open_database


def documents(quarter: Path) -> list[InvoiceDocument]:
    database = open_database("sqlite:///tallystick.db", quarter)
    with closing(database), database.read() as connection:
        return [document_of(connection, row) for row in connection.execute(select(invoice))]


def test_each_invoice_has_a_ubl_file_that_passes(quarter: Path) -> None:
    found = judged(quarter / "invoices")
    assert set(found) == {f"{one.number}.ubl.xml" for one in documents(quarter)}
    assert {name: said for name, said in found.items() if said} == {}


def test_each_invoice_as_factur_x_embeds_cii_that_passes(quarter: Path, tmp_path: Path) -> None:
    codes = set()
    for document in documents(quarter):
        pdf = render_facturx(document, Template())
        _, xml = get_xml_from_pdf(pdf, check_xsd=False, check_schematron=False)
        assert xml == render_cii(einvoice(document))
        (tmp_path / f"{document.number}.xml").write_bytes(xml)
        codes |= {tax.code for tax in document.taxes}
    assert set(map(str, judged(tmp_path).values())) == {"[]"}
    assert codes == {"S", "AE", "O"}
