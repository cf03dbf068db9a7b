"""What identifies accounts, banks and creditors in SEPA, and whether it can be right."""

from __future__ import annotations

import re
from typing import Final

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")
_CREDITOR_ID: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Za-z0-9+?/:().,'-]{1,28}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9+?/:().,' -]{1,35}")
_KEY: Final = re.compile(r"[A-Za-z0-9-]{1,35}")


def compact(identifier: str) -> str:
    """Without the spaces people group digits with, in capitals."""
    return re.sub(r"\s", "", identifier).upper()


def is_iban(iban: str) -> bool:
    """Whether a compact IBAN has the form and check digits of ISO 13616 (mod 97 leaves 1)."""
    return bool(_IBAN.fullmatch(iban)) and _checks(iban[4:], iban[:4])


def is_bic(bic: str) -> bool:
    """Whether `bic` has the form of ISO 9362: 8 or 11 characters."""
    return bool(_BIC.fullmatch(bic))


def is_creditor_id(creditor_id: str) -> bool:
    """Whether a creditor identifier has the form and check digits of EPC262-08.

    The three-character business code is left out of the check, as are special characters.
    """
    if not _CREDITOR_ID.fullmatch(creditor_id):
        return False
    national = re.sub(r"[^A-Za-z0-9]", "", creditor_id[7:]).upper()
    return bool(national) and _checks(national, creditor_id[:4])


def is_reference(reference: str) -> bool:
    """Whether a mandate reference may travel unchanged: EPC217-08 characters, at most 35,
    no slash at either end and no two together."""
    slashed = reference.startswith("/") or reference.endswith("/") or "//" in reference
    return bool(_REFERENCE.fullmatch(reference)) and bool(reference.strip()) and not slashed


def is_key(key: str) -> bool:
    """Whether one of our keys is safe as a message id, an end-to-end id and a file name."""
    return bool(_KEY.fullmatch(key))


def _checks(rest: str, country_and_digits: str) -> bool:
    """ISO 7064 mod 97-10, a letter counting as two digits: A is 10, Z is 35.

    The digits run from 02 to 98: 00, 01 and 99 leave the same remainder but are never given.
    """
    number = "".join(str(int(char, 36)) for char in rest + country_and_digits)
    return "02" <= country_and_digits[2:] <= "98" and int(number) % 97 == 1
