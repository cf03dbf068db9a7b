"""Whether an invoice is debited: the mandate that a debit of it may use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from tallystick.records import Mandate, Scheme

CURRENCY_OF: Final[dict[Scheme, str]] = {
    "sepa_debit": "EUR",
    "bacs_debit": "GBP",
    "ach_debit": "USD",
}
"""The one currency of each scheme that has only one: SEPA debits are in euro, Bacs in sterling,
ACH in US dollars. A card, or another debit, is charged in whatever its provider takes."""


def mandate_for(
    mandates: Iterable[Mandate], currency: str, due_on: date, today: date
) -> Mandate | None:
    """The newest mandate that may be debited in `currency` when the debit is due."""
    valid = [one for one in mandates if usable(one, currency, due_on, today)]
    return max(valid, key=newness, default=None)


def usable(mandate: Mandate, currency: str, due_on: date, today: date) -> bool:
    """Whether a mandate is signed, and neither revoked nor expired when the debit is due."""
    day = max(due_on, today)
    ended = (mandate.revoked_on, mandate.expires_on)
    return (
        CURRENCY_OF.get(mandate.scheme, currency) == currency
        and mandate.signed_on <= today
        and all(end is None or end > day for end in ended)
    )


def newness(mandate: Mandate) -> tuple[date, str]:
    """The greater, the newer."""
    return mandate.signed_on, mandate.id
