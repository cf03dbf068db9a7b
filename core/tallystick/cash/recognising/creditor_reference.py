"""Creditor references: an invoice number with check digits, so that no slip goes unseen. Pure.

    RF09 INV2 0260 0417     RF, two check digits, and at most 21 letters and digits

Format: ISO 11649, whose check digits are those of ISO 7064 mod 97-10.
"""

from __future__ import annotations

import re
from typing import Final

BODY_LENGTH_MAX: Final = 21
_BODY: Final = re.compile(rf"[A-Z0-9]{{1,{BODY_LENGTH_MAX}}}")
_OPENED: Final = re.compile(r"(?<![A-Z0-9])RF([0-9]{2})(?=[A-Z0-9])")
_BEFORE: Final = re.compile(r"(?<![A-Z0-9])RF ?([0-9]{2})[^A-Z0-9]{0,3}$")


def creditor_reference(number: str) -> str | None:
    """The reference of an invoice number, without blanks; None for a number too long for one."""
    body = re.sub(r"[^A-Z0-9]", "", number.upper())
    if not _BODY.fullmatch(body):
        return None
    return f"RF{98 - _value(body + 'RF00') % 97:02}{body}"


def grouped(reference: str) -> str:
    """As it is printed: `RF09 INV2 0260 0417`."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def apart(text: str) -> str:
    """`text`, in capitals, with its check digits apart from what they check."""
    return _OPENED.sub(r"RF\1 ", text)


def belied(before: str, body: str) -> bool:
    """Whether `body` follows check digits, in capitals, that say it is mistyped."""
    digits = _BEFORE.search(before)
    return digits is not None and _value(f"{body}RF{digits[1]}") % 97 != 1


def _value(text: str) -> int:
    """A letter counts as two digits: A is 10, Z is 35."""
    return int("".join(str(int(char, 36)) for char in text))
