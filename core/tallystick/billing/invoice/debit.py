"""Whether an invoice is debited: the mandate that a debit of it may use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from tallystick.records import Mandate

CURRENCY: Final = "EUR"
"""A mandate is the authority for SEPA debits, which are in euro."""


def mandate_for(mandates: Iterable[Mandate], due_on: date, today: date) -> Mandate | None:
    """The newest mandate that is signed and not revoked when the debit is due."""
    day = max(due_on, today)
    valid = [
        mandate
        for mandate in mandates
        if mandate.signed_on <= today and (mandate.revoked_on is None or mandate.revoked_on > day)
    ]
    return max(valid, key=lambda mandate: (mandate.signed_on, mandate.id), default=None)
