"""What a document prints besides its lines, fixed at issue: later changes do not alter it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from tallystick.billing.documents.speech import spoken
from tallystick.billing.invoice.debit import mandate_for
from tallystick.billing.invoice.proposal import Proposal
from tallystick.cycle.terms import BillingTerms
from tallystick.records import Client, Mandate

PARTY = (
    *("name", "street", "postcode", "city", "country", "vat_id", "email"),
    "electronic_address",
)


def printed(
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
        "po_number": _po_number(body),
        "buyer_reference": client.buyer_reference if client else None,
        "mandate": _mandate(body, mandates, due_on, today),
    }
    return {name: value for name, value in found.items() if value}


def payment_days(body: Proposal, client: Client | None, terms: BillingTerms) -> int:
    """The contracts' own days, the shortest of them; else the client's; else everybody's."""
    of_client = client.payment_terms_days if client else None
    for days in (body.payment_terms_days, of_client):
        if days is not None:
            return days
    return terms.payment_terms_days


def _buyer(client: Client | None, ref: str) -> dict[str, str]:
    known = msgspec.structs.asdict(client) if client else {"name": ref}
    return {name: known[name] for name in PARTY if known.get(name)}


def _po_number(body: Proposal) -> str:
    """The purchase orders of the contracts billed, as they were when it was approved."""
    return ", ".join(sorted({one.po_number for one in body.contracts if one.po_number}))


def _mandate(
    body: Proposal, mandates: Sequence[Mandate], due_on: date, today: date
) -> dict[str, str] | None:
    if body.gross.minor <= 0:
        return None
    used = mandate_for(mandates, body.currency, due_on, today)
    return {"id": used.id, "iban": used.iban} if used and used.iban else None
