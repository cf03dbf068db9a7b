"""What the three formats share: exact amounts, whose account it is, and stable ids."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256

from msgspec.structs import asdict

from tallystick.connector import Pulled
from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money
from tallystick.records import BankTransaction

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOT PROVIDED"}
ASK_THE_BANK = "Ask the bank for a corrected statement and put it in the folder."


def reference(text: str | None) -> str | None:
    """`text` unless it is one of the ways banks write that there is no reference."""
    stripped = (text or "").strip()
    return None if stripped.upper() in NO_REFERENCE else stripped


def iban(text: str | None) -> str | None:
    """`text` without spaces if it has the shape of an IBAN (ISO 13616)."""
    compact = "".join((text or "").split()).upper()
    return compact if IBAN.fullmatch(compact) else None


def exact(amount: Decimal, currency: str) -> Decimal:
    """`amount` with exactly the decimal places of `currency`.

    Raises `SkipRecord` when that would need rounding or the currency has no minor unit.
    """
    try:
        return Money.exact(amount, currency).amount
    except Stop as error:
        raise SkipRecord(error.what, do=ASK_THE_BANK) from error


def nearest(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half away from zero to the minor unit of `currency`.

    Raises `SkipRecord` when the currency has no minor unit.
    """
    exact(Decimal(0), currency)
    return Money.rounded(amount, currency).amount


def whose(stated: str | None, own: str | None) -> str:
    """The account a statement is about, as records name it: the own IBAN if one is set.

    German statements may state bank code and number (`50880050/0194774600888`), which are
    the last 18 digits of the IBAN. Raises `SkipRecord` for another account or none.
    """
    account = "".join((stated or "").split()).upper()
    if own is None:
        if account:
            return account
        raise SkipRecord(
            "The statement does not say which account it is about.",
            do="Set `account` in the connection's settings to the IBAN of this account.",
        )
    code, slash, number = account.partition("/")
    german = slash and own.startswith("DE") and own[4:] == code + number.zfill(10)
    if account == own or german or re.fullmatch(re.escape(own) + "[A-Z]{3}", account):
        return own
    raise SkipRecord(
        f"The statement is about account {account or 'unknown'}, not about {own}.",
        do="Move it to the folder of its own connection, or correct `account`.",
    )


class Identities:
    """The ids of one statement's bookings, the same in every file that shows the booking.

    Told from account, date, amount and the bank's reference (or, without one, what else is
    known); bookings that agree in all of that are numbered in the statement's order.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._seen: Counter[str] = Counter()

    def of(self, booked_on: date, amount: Decimal, currency: str, *told_by: str | None) -> str:
        parts = (self._account, booked_on.isoformat(), str(amount), currency, *told_by)
        key = "\x1f".join(part or "" for part in parts)
        self._seen[key] += 1
        digest = sha256(f"{key}\x1f{self._seen[key]}".encode()).hexdigest()
        return f"{booked_on}-{digest[:20]}"


def pulled(transaction: BankTransaction, place: str) -> Pulled:
    """The record as a canonical raw: the record's fields are its keys."""
    return Pulled(asdict(transaction), place)
