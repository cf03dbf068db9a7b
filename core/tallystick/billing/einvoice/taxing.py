"""VAT breakdown BG-23: one entry for each code and percentage of a document's tax lines."""

from __future__ import annotations

from tallystick.billing.documents.speech import clean
from tallystick.billing.einvoice.codes import VATEX
from tallystick.billing.einvoice.model import EBreakdown
from tallystick.billing.invoice.document import DocumentLine, InvoiceDocument
from tallystick.billing.tax.rates import EXEMPTIONS, TaxLine
from tallystick.errors import SkipRecord
from tallystick.money import total


def tax_of(line: DocumentLine, document: InvoiceDocument) -> TaxLine:
    """The document's tax line for `line`; raises `SkipRecord` when it is not known which."""
    of_category = [tax for tax in document.taxes if tax.category == line.tax_category]
    found = [tax for tax in of_category if line.tax_percent in (None, tax.percent)]
    if len(found) != 1:
        raise SkipRecord(
            f"The line {clean(line.text)!r} for {clean(document.buyer.name)} has tax category "
            f"{line.tax_category!r}, for which the document has {len(found)} tax lines.",
            do="Give the line the category and percentage of one of the document's tax lines.",
            record="invoice",
            ref=document.number,
        )
    return found[0]


def breakdown(document: InvoiceDocument, sign: int) -> tuple[EBreakdown, ...]:
    """Categories of one code and percentage are one entry; their amounts stay as issued."""
    joined: dict[tuple[str, object], list[TaxLine]] = {}
    for tax in document.taxes:
        joined.setdefault((tax.code, tax.percent), []).append(tax)
    return tuple(_entry(taxes, document.currency, sign) for taxes in joined.values())


def _entry(taxes: list[TaxLine], currency: str, sign: int) -> EBreakdown:
    first = taxes[0]
    given = "; ".join(dict.fromkeys(filter(None, (clean(tax.exemption) for tax in taxes))))
    return EBreakdown(
        code=first.code,
        percent=first.percent,
        net=(total((tax.net for tax in taxes), currency) * sign).amount,
        tax=(total((tax.amount for tax in taxes), currency) * sign).amount,
        reason_code=VATEX.get(first.code, ""),
        reason="" if first.code in ("S", "Z") else given or EXEMPTIONS.get(first.code, ""),
    )
