"""What a document prints besides its lines, fixed at issue: later changes do not alter it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from tallystick.billing.debit import CURRENCY, mandate_for
from tallystick.billing.documents.speech import spoken
from tallystick.billing.proposal import Proposal
from tallystick.cycle.terms import BillingTerms
from tallystick.records import Client, Mandate
from tallystick.store.facts_schema import FACTS

PARTY = (
    *("name", "street", "postcode", "city", "country", "vat_id", "email"),
    "electronic_address",
)


def printed(
    connection: Connection,
    body: Proposal,
    client: Client | None,
    mandates: Sequence[Mandate],
    due_on: date,
    today: date,
    terms: BillingTerms,
) -> dict[str, Any]:
    """Seller and buyer, the language, the client's own references, and the mandate the invoice
    will be debited under; what is not known is left out."""
    asked = client.language if client and client.language else terms.language
    found = {
        "seller": dict(terms.seller),
        "buyer": _buyer(client, body.client),
        "language": asked if spoken(asked) else terms.language,
        "po_number": _po_number(connection, body),
        "buyer_reference": client.buyer_reference if client else None,
        "mandate": _mandate(body, mandates, due_on, today),
    }
    return {name: value for name, value in found.items() if value}


def _buyer(client: Client | None, ref: str) -> dict[str, str]:
    known = msgspec.structs.asdict(client) if client else {"name": ref}
    return {name: known[name] for name in PARTY if known.get(name)}


def _po_number(connection: Connection, body: Proposal) -> str:
    """The purchase orders of the contracts billed, as the contracts name them now."""
    contract = FACTS["contract"]
    sources: dict[str, set[str]] = {}
    for line in body.lines:
        source, _, external_id = line.contract.partition(":")
        sources.setdefault(source, set()).add(external_id)
    found: set[str] = set()
    for source, ids in sources.items():
        statement = select(contract.c.po_number).where(
            contract.c.connection == source, contract.c.id.in_(ids)
        )
        found |= {number for number in connection.execute(statement).scalars() if number}
    return ", ".join(sorted(found))


def _mandate(
    body: Proposal, mandates: Sequence[Mandate], due_on: date, today: date
) -> dict[str, str] | None:
    if body.currency != CURRENCY or body.gross.minor <= 0:
        return None
    used = mandate_for(mandates, due_on, today)
    return {"id": used.id, "iban": used.iban} if used else None
