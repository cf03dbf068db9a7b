"""Card numbers are masked before anything is stored: none has any business here. Pure."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z._])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z.])")
KEPT: Final = 4
"""How many of the last digits stay, as on a receipt."""


def without_cards(text: str) -> str:
    """`text` with the digits of every card number but the last four as `*`.

    A card number has 13 to 19 digits, which may be parted by spaces or hyphens, and a right check
    digit (ISO/IEC 7812, Luhn); one in ten other numbers of that length looks the same.
    """
    return _DIGITS.sub(lambda found: _masked(found.group()), text)


def _masked(number: str) -> str:
    digits = [int(one) for one in number if one.isdigit()]
    if not _checks(digits):
        return number
    seen = 0
    masked = ""
    for one in number:
        seen += one.isdigit()
        masked += "*" if one.isdigit() and seen <= len(digits) - KEPT else one
    return masked


def _checks(digits: list[int]) -> bool:
    from_last = digits[::-1]
    doubled = sum(sum(divmod(2 * one, 10)) for one in from_last[1::2])
    return (sum(from_last[::2]) + doubled) % 10 == 0
