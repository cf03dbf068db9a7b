"""PDF documents of twelve lines each: compiled and written, one process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from tallystick.billing.invoice.document import DocumentLine, InvoiceDocument, Party, Payment
from tallystick.billing.tax.rates import TaxLine
from tallystick.money import Money
from tallystick.paper.pdf import Template, render_pdf
from tallystick.period import month

SEPTEMBER = month(2026, 9)


def documents(folder: Path, count: int) -> Callable[[], None]:
    made = [_document(number) for number in range(count)]

    def work() -> None:
        for one in made:
            (folder / f"{one.number}.pdf").write_bytes(render_pdf(one, Template("classic")))

    return work


def _document(number: int) -> InvoiceDocument:
    lines = tuple(
        DocumentLine(
            text=f"Support of site {number} by the hour, part {part}",
            service=SEPTEMBER,
            quantity=Decimal(part),
            unit="hour",
            unit_price=Decimal("95.00"),
            net=Money(9500 * part, "EUR"),
            tax_category="standard",
        )
        for part in range(1, 13)
    )
    net = sum(line.net.minor for line in lines)
    return InvoiceDocument(
        number=f"INV-{number}",
        kind="invoice",
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 15),
        seller=Party("Nordlicht IT GmbH", "Hafenstr. 1", "20457", "Hamburg", "DE", "DE123456789"),
        buyer=Party(f"Client {number} GmbH", f"Deichstr. {number}", "20459", "Hamburg", "DE"),
        currency="EUR",
        lines=lines,
        taxes=(TaxLine("standard", Decimal(19), Money(net, "EUR"), Money(net * 19 // 100, "EUR")),),
        language="de-DE",
        payment=Payment("DE89370400440532013000", "COBADEFFXXX"),
    )
