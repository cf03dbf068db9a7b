"""Why a request for a direct debit cannot go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from tallystick.connector import CollectionRequest
from tallystick.errors import SkipRecord
from tallystick_sepa.characters import sepa_text
from tallystick_sepa.identifiers import compact, is_bic, is_iban, is_key, is_reference
from tallystick_sepa.settings import NAME_LENGTH_MAX

AMOUNT_MAX_EUR: Final = Decimal("999999999.99")
"""The most one SEPA direct debit may be (EPC130-08, AT-06)."""


def must_be_collectable(requests: Sequence[CollectionRequest], connection: str) -> None:
    """Raises `SkipRecord` for the first request that no bank would take; its `ref` is the
    request's key, and the sentence has everything that is wrong with it."""
    seen: set[str] = set()
    for request in requests:
        faults = [*_faults(request), *(["its key comes twice"] if request.key in seen else [])]
        if faults:
            raise SkipRecord(
                f"Invoice {request.invoice} cannot be collected: {'; '.join(faults)}.",
                do="Nothing was written. Correct the mandate or the invoice, "
                "or leave this one out of the batch.",
                connection=connection,
                record="collection",
                ref=request.key,
            )
        seen.add(request.key)


def _faults(request: CollectionRequest) -> Iterator[str]:
    amount = request.amount
    if amount.currency != "EUR":
        yield f"a SEPA debit is in EUR, and this is {amount}"
    elif not 0 < amount.amount <= AMOUNT_MAX_EUR:
        yield f"{amount} is not between 0.01 and {AMOUNT_MAX_EUR:,} EUR"
    if not is_key(request.key):
        yield f"the key {request.key!r} is not 1 to 35 letters, digits and hyphens"
    if request.iban is None:
        yield "the mandate has no IBAN to debit"
    elif not is_iban(compact(request.iban)):
        yield f"the check digits of the payer's IBAN {_masked(request.iban)} do not fit"
    if request.bic is not None and not is_bic(compact(request.bic)):
        yield f"{request.bic!r} is not a BIC"
    if not is_reference(request.mandate):
        yield f"the mandate reference {request.mandate!r} has characters SEPA does not carry"
    if not any(char.isalnum() for char in sepa_text(request.payer, NAME_LENGTH_MAX)):
        yield f"the payer's name {request.payer!r} has no letter SEPA can carry"


def _masked(iban: str) -> str:
    """Enough of an account number to find it, too little to use it."""
    return f"{compact(iban)[:4]}...{compact(iban)[-4:]}"
