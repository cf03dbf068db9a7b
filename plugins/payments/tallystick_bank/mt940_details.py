"""What a `:86:` field says about its booking, in the two structured dialects that are common.

German (DK, DFÜ-Abkommen Anlage 3): a three-digit business code (GVC), then subfields after a
separator (`?20`), whose purpose text carries SEPA keys such as `EREF+`. Dutch: keys between
slashes (`/EREF/...`). Anything else is plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tallystick_bank.transaction import iban, reference

RETURN_CODES = {"108", "109", "159"}
"""GVC of returned direct debits (B2B, CORE) and returned credit transfers."""

GERMAN = re.compile(r"\s*([0-9]{3})([^\w\s])(?=[0-9]{2})")
SEPA_KEY = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|RREF|IBAN|BIC|PURP)\+|(MTLG):"
)
SLASH_KEY = re.compile(
    r"/(EREF|PREF|MARF|CSID|TRTP|IBAN|BIC|NAME|REMI|RTRN|BENM|ORDP|CNTP|ISDT|ID|PURP|ULTC|ULTD)/"
)


@dataclass(frozen=True, slots=True)
class Details:
    """Empty texts and references are None; `batch` is the customer's reference of a batch."""

    remittance: str = ""
    end_to_end_id: str | None = None
    batch: str | None = None
    collective: bool = False
    returned: bool = False
    return_reason: str | None = None
    counterparty: str | None = None
    counterparty_iban: str | None = None


def read_details(lines: list[str]) -> Details:
    """Lines are wrapped at 65 characters anywhere, so structured text is joined as it is."""
    text = "".join(lines)
    if start := GERMAN.match(text):
        return _german(start[1], text[start.end() - 1 :], start[2])
    if SLASH_KEY.match(text):
        return _dutch(text)
    return Details(remittance=" ".join(" ".join(lines).split()))


def _german(code: str, text: str, separator: str) -> Details:
    fields: dict[str, str] = {}
    for part in text.split(separator)[1:]:
        fields[part[:2]] = fields.get(part[:2], "") + part[2:]
    purpose, more = (
        "".join(fields.get(str(number), "") for number in numbers)
        for numbers in (range(20, 30), range(60, 64))
    )
    free, keyed = _keyed(purpose, SEPA_KEY)
    returned = code in RETURN_CODES
    words = (free, keyed.get("SVWZ", ""), keyed.get("MTLG", ""), more)
    name = fields.get("32", "") + fields.get("33", "")
    return Details(
        remittance=" ".join(" ".join(words).split()) or fields.get("00", "").strip(),
        end_to_end_id=reference(keyed.get("EREF")),
        batch=reference(keyed.get("KREF")),
        collective=code.startswith("19"),
        returned=returned,
        return_reason=(fields.get("34", "").strip() or None) if returned else None,
        counterparty=" ".join(name.split()) or None,
        counterparty_iban=iban(fields.get("31")) or iban(fields.get("38")),
    )


def _dutch(text: str) -> Details:
    _, keyed = _keyed(text, SLASH_KEY)
    account, _, bank_and_name = keyed.get("CNTP", "").partition("/")
    name = keyed.get("NAME", "") or bank_and_name.partition("/")[2].partition("/")[0]
    remittance = keyed.get("REMI", "").removeprefix("USTD//").removeprefix("STRD/CUR/")
    return Details(
        remittance=" ".join(remittance.strip("/").split()),
        end_to_end_id=reference(keyed.get("EREF", "").strip("/")),
        batch=reference(keyed.get("PREF", "").strip("/")),
        returned="RTRN" in keyed,
        return_reason=keyed.get("RTRN", "").strip("/ ") or None,
        counterparty=name.strip("/ ") or None,
        counterparty_iban=iban(keyed.get("IBAN", "").strip("/")) or iban(account),
    )


def _keyed(text: str, keys: re.Pattern[str]) -> tuple[str, dict[str, str]]:
    """The text before the first key, and the text after each key up to the next."""
    free, keyed, key, end = text, dict[str, str](), "", 0
    for match in keys.finditer(text):
        if key:
            keyed[key] = text[end : match.start()]
        else:
            free = text[: match.start()]
        key, end = match[match.lastindex or 0], match.end()
    if key:
        keyed[key] = text[end:]
    return free, keyed
