"""What an MT940 line tells besides its amount: what banks kept, and money of another currency.

    :86: ...?20OAMT+100,00?21COAM+3,00     German: a returned debit of 100.00 booked as -103.00
    :61: ... /OCMT/USD1000,00/CHGS/EUR5,   SWIFT: ordered in another currency, less charges

Amounts are positive whatever the direction of the line. Nothing is taken for charges that the
line's own amount contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_AMOUNT: Final = r"[0-9]{1,15}(?:[,.][0-9]*)?"
_ORIGINAL: Final = re.compile(rf"OAMT\+\s*({_AMOUNT})")
_COMPENSATION: Final = re.compile(rf"COAM\+\s*({_AMOUNT})")
_ORDERED: Final = re.compile(rf"/OCMT/([A-Z]{{3}})({_AMOUNT})")
_CHARGED: Final = re.compile(rf"/CHGS/([A-Z]{{3}})({_AMOUNT})")


@dataclass(frozen=True, slots=True)
class Aside:
    """`charges` made the money less, or a return more; `paid` is what was ordered in `currency`,
    with the sign of the line."""

    charges: Decimal | None = None
    paid: Decimal | None = None
    currency: str | None = None


def aside(line: str, details: Iterable[str], amount: Decimal, currency: str) -> Aside:
    """What is told of a line of `amount` in `currency`; `line` is all of its `:61:`."""
    text = "".join(details)
    if original := _ORIGINAL.search(text):
        return Aside(_kept(amount, _number(original[1]), _COMPENSATION.search(text)))
    charged = _CHARGED.search(line)
    kept = _number(charged[2]) if charged and charged[1] == currency else Decimal(0)
    ordered = _ORDERED.search(line)
    if ordered is None:
        return Aside(kept or None)
    whole = _number(ordered[2])
    if ordered[1] != currency:
        return Aside(kept or None, whole.copy_sign(amount), ordered[1])
    return Aside(kept or None) if amount + kept == whole.copy_sign(amount) else Aside()


def _kept(amount: Decimal, original: Decimal, told: re.Match[str] | None) -> Decimal | None:
    """Of money that went back, all beyond the original amount; of money that came, what is told
    and is just what is missing."""
    if amount < 0:
        return max(Decimal(0), -amount - original) or None
    kept = _number(told[1]) if told else Decimal(0)
    return kept or None if amount + kept == original else None


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
