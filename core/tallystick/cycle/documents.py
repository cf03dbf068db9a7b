"""Invoice documents: HTML and plain text of what was issued, written once and never changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.billing.document import DocumentLine, InvoiceDocument, Party
from tallystick.billing.documents.html import render_html
from tallystick.billing.documents.text import render_text
from tallystick.billing.documents.wording import in_words
from tallystick.billing.tax import TaxLine
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store import invoices
from tallystick.store.database import Database
from tallystick.store.facts_schema import FACTS
from tallystick.store.ledger_schema import invoice

RENDER: dict[str, Callable[[InvoiceDocument], str]] = {"html": render_html, "txt": render_text}
PRINTED = ("name", "street", "postcode", "city", "country", "vat_id")


def write_missing(database: Database, folder: Path, progress: Callable[[int], None]) -> int:
    """Write the documents `folder` does not have yet; returns how many files that were."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    written = 0
    with database.read() as connection:
        for row in connection.execute(select(invoice).order_by(invoice.c.number)).all():
            missing = [kind for kind in RENDER if f"{row.number}.{kind}" not in there]
            if not missing:
                continue
            document = _document(connection, row)
            for kind in missing:
                _write(folder / f"{row.number}.{kind}", RENDER[kind](document))
            written += len(missing)
            progress(1)
    return written


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a document cut short would never be written again."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _document(connection: Connection, row: Row[Any]) -> InvoiceDocument:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return InvoiceDocument(
        number=row.number,
        kind=row.kind,
        issued_on=row.issued_on,
        due_on=row.due_on,
        seller=_party(row.parties["seller"]),
        buyer=_party(row.parties["buyer"]),
        currency=row.currency,
        lines=tuple(
            DocumentLine(
                text=line.text,
                service=Period(line.service_start, line.service_end),
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                net=money(line.net_minor),
                corrects=tuple(line.corrects),
            )
            for line in invoices.lines_of(connection, row.number)
        ),
        taxes=tuple(
            TaxLine(tax.category, tax.percent, money(tax.net_minor), money(tax.amount_minor))
            for tax in invoices.taxes_of(connection, row.number)
        ),
        payment_note=_payment_note(connection, row),
    )


def _party(known: dict[str, str]) -> Party:
    return Party(**{name: known[name] for name in PRINTED if name in known})


def _payment_note(connection: Connection, row: Row[Any]) -> str:
    """How this invoice is paid: by the client's mandate as it stood at issue, or by transfer."""
    if row.gross_minor <= 0:
        return ""
    due = in_words(row.due_on)
    source, _, client = row.client.partition(":")
    mandate = FACTS["mandate"]
    known = connection.execute(
        select(mandate.c.id, mandate.c.iban).where(
            mandate.c.connection == source,
            mandate.c.client == client,
            mandate.c.revoked_on.is_(None),
        )
    ).first()
    if known is None or row.currency != "EUR":
        return f"Please transfer the amount by {due}, quoting {row.number}."
    shown = f"{known.iban[:4]} … {known.iban[-4:]}"
    return f"We collect the amount on {due} from {shown} under mandate {known.id}."
