"""From an issued invoice's rows to the document it is: everything as it was fixed at issue; and
from a proposal to the document it would be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.billing.invoice.document import (
    Annexed,
    DocumentLine,
    InvoiceDocument,
    Party,
    Payment,
)
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.tax.rates import TaxLine
from tallystick.cycle.annex import annex_of, included_work
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing import invoices
from tallystick.store.billing.schema import invoice

PARTY = tuple(field.name for field in dataclasses.fields(Party))


def document_of(connection: Connection, row: Row[Any], *, annexed: bool = False) -> InvoiceDocument:
    """The document of an `invoice` row; with its annex only if `annexed`."""

    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    lines = tuple(
        DocumentLine(
            text=line.text,
            service=Period(line.service_start, line.service_end),
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            net=money(line.net_minor),
            corrects=tuple(line.corrects),
            tax_category=line.tax_category,
            tax_percent=line.tax_percent,
        )
        for line in invoices.lines_of(connection, row.number)
    )
    corrected = sorted({number for line in lines for number in line.corrects})
    annex: tuple[Annexed, ...] = tuple(annex_of(connection, row)) if annexed else ()
    included = tuple(included_work(connection, row.number)) if annexed else ()
    return InvoiceDocument(
        number=row.number,
        kind=row.kind,
        issued_on=row.issued_on,
        due_on=row.due_on,
        seller=_party(row.parties["seller"]),
        buyer=_party(row.parties["buyer"]),
        currency=row.currency,
        lines=lines,
        taxes=tuple(
            TaxLine(
                tax.category,
                tax.percent,
                money(tax.net_minor),
                money(tax.amount_minor),
                tax.code,
                tax.exemption,
            )
            for tax in invoices.taxes_of(connection, row.number)
        ),
        language=row.parties.get("language", "en"),
        po_number=row.parties.get("po_number", ""),
        buyer_reference=row.parties.get("buyer_reference", ""),
        payment=_payment(row.parties),
        corrects=tuple(_dated(connection, corrected)),
        annex=annex,
        included=included,
    )


def foreseen(
    body: Proposal, parties: Mapping[str, Any], issued_on: date, due_on: date
) -> InvoiceDocument:
    """The document that a proposal would be with `parties`, but for its number."""
    return InvoiceDocument(
        number="The proposal",
        kind=body.kind,
        issued_on=issued_on,
        due_on=due_on,
        seller=_party(parties["seller"]),
        buyer=_party(parties["buyer"]),
        currency=body.currency,
        lines=tuple(
            DocumentLine(
                *(line.text, line.service, line.quantity, line.unit, line.unit_price, line.net),
                *(line.corrects, line.tax_category, line.tax_percent),
            )
            for line in body.lines
        ),
        taxes=body.taxes,
        language=parties.get("language", "en"),
        po_number=parties.get("po_number", ""),
        buyer_reference=parties.get("buyer_reference", ""),
        payment=_payment(parties),
    )


def _party(known: Mapping[str, str]) -> Party:
    return Party(**{name: known[name] for name in PARTY if name in known})


def _payment(parties: Mapping[str, Any]) -> Payment:
    """From the mandate fixed at issue, or to the seller's account as it was then."""
    seller, mandate = parties["seller"], parties.get("mandate")
    return Payment(
        iban=seller.get("iban"),
        bic=seller.get("bic"),
        holder=seller.get("account_holder") or seller.get("name"),
        creditor_id=seller.get("creditor_id"),
        mandate=mandate["id"] if mandate else None,
        debited_iban=mandate["iban"] if mandate else None,
    )


def _dated(connection: Connection, numbers: list[str]) -> Iterable[tuple[str, date]]:
    if not numbers:
        return
    statement = select(invoice.c.number, invoice.c.issued_on).where(invoice.c.number.in_(numbers))
    for row in connection.execute(statement.order_by(invoice.c.issued_on, invoice.c.number)):
        yield row.number, row.issued_on
