"""MT940 customer statements (SWIFT) as transactions.

Banks bend the format and redact what they export, so nothing here stops at the first
surprise: a line that cannot be read is set aside by itself, and a statement whose balances
do not tie out is warned about and read all the same.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick.period import add_months
from tallystick.records import BankTransaction
from tallystick_bank.mt940_amounts import Aside, aside
from tallystick_bank.mt940_details import read_details
from tallystick_bank.settings import BankSettings
from tallystick_bank.transaction import (
    ASK_THE_BANK,
    Identities,
    exact,
    pulled,
    reference,
    whose,
)

log = logging.getLogger(__name__)
TAG = re.compile(r":(13D?|20|21|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|940|NS):")
"""Only these start a field: a wrapped `:86:` may well continue with a time such as `:12:11`."""
BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,15}(?:,[0-9]*)?)\s*")
LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R?[CD])[A-Z]?\n?"
    r"(?P<amount>[0-9]{1,15}(?:,[0-9]*)?)"
    r"(?:(?P<type>[A-Z][A-Z0-9]{3})(?P<reference>[^\n]*))?\s*(?:\n.*)*",
)
SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
"""A reversed credit takes money away, a reversed debit brings it back."""


@dataclass(slots=True)
class Statement:
    """The fields of one statement as written; lines are `:61:` with its `:86:`."""

    account: str | None = None
    opening: str | None = None
    closing: str | None = None
    lines: list[tuple[str, list[str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A `:61:` field: `amount` is positive for money in, `booked_on` the entry date."""

    booked_on: date
    amount: Decimal
    type: str
    customer_reference: str
    bank_reference: str


def recognised(text: str) -> bool:
    return any(TAG.match(line) for line in text.splitlines())


def read(text: str, file: str, settings: BankSettings) -> Iterator[Pulled | Broken]:
    """The transactions of one file, amounts positive for money in."""
    for number, statement in enumerate(statements(text), 1):
        place = f"statement {number} of {file}"
        try:
            account, currency = _account_and_currency(statement, settings.account)
        except SkipRecord as error:
            if statement.lines:
                yield Broken(place, error.what, error.do, {})
            else:
                log.warning("%s: %s It has no lines either.", place, error.what)
            continue
        identities = Identities(account)
        total = Decimal(0)
        for ordinal, (line, details) in enumerate(statement.lines, 1):
            at = f"line {ordinal} of {place}"
            try:
                read_line = parse_line(line)
                total += read_line.amount
                told = aside(line, details, read_line.amount, currency)
                found = _transaction(read_line, details, account, currency, identities)
                yield pulled(_with(found, told), at)
            except SkipRecord as error:
                yield Broken(at, error.what, error.do, {"line": line, "details": details})
        _warn_unless_tied_out(statement, total, place)


def statements(text: str) -> Iterator[Statement]:
    """A statement starts at `:20:`, or at the first field of a file that lacks one."""
    current: Statement | None = None
    heard: list[str] | None = None
    for tag, lines in fields(text):
        if tag == "940":
            continue
        if current is None or tag == "20":
            if current is not None:
                yield current
            current, heard = Statement(), None
        value = lines[0].strip()
        match tag:
            case "25" | "25P" if current.account is None and current.opening is None:
                current.account = value
            case "60F" | "60M" if current.opening is None:
                current.opening = value
            case "61":
                heard = []
                current.lines.append(("\n".join(lines), heard))
            case "62F" | "62M":
                current.closing, heard = value, None
            case "86" if heard is not None:
                heard.extend(lines)
    if current is not None:
        yield current


def fields(text: str) -> Iterator[tuple[str, list[str]]]:
    """Tag and lines of every field; control characters and block envelopes are dropped."""
    tag, lines = "", list[str]()
    for raw in re.split(r"\r\n|\r|\n", re.sub(r"[\x00-\x08\x0e-\x1f]", "", text)):
        if start := TAG.match(raw):
            if tag:
                yield tag, lines
            tag, lines = start[1], [raw[start.end() :]]
        elif raw.rstrip() in {"-", "-}"} or raw.startswith("{1:"):
            if tag:
                yield tag, lines
            tag = ""
        elif tag:
            lines.append(raw)
    if tag:
        yield tag, lines


def parse_line(text: str) -> Line:
    """Raises `SkipRecord` naming the line when it has not the shape of `:61:`."""
    found = LINE.fullmatch(text)
    value_date = found and _day(found["value"])
    if not found or not value_date:
        raise SkipRecord(f"{text!r} is no :61: line: date, mark and amount.", do=ASK_THE_BANK)
    booked_on = _entry_day(found["entry"], value_date) if found["entry"] else value_date
    if booked_on is None:
        raise SkipRecord(f"The entry date of {text!r} is no date.", do=ASK_THE_BANK)
    customer, _, bank = (found["reference"] or "").partition("//")
    return Line(
        booked_on,
        SIGNS[found["mark"]] * Decimal(found["amount"].replace(",", ".")),
        found["type"] or "",
        customer.strip(),
        bank.strip(),
    )


def balance(text: str | None) -> tuple[Decimal, str] | None:
    """Signed amount and currency of a `:60:` or `:62:` field; None when it is not one."""
    found = BALANCE.fullmatch(text or "")
    if not found:
        return None
    return SIGNS[found[1]] * Decimal(found[4].replace(",", ".")), found[3]


def _transaction(
    line: Line, told: Iterable[str], account: str, currency: str, identities: Identities
) -> BankTransaction:
    details = read_details(list(told))
    amount = exact(line.amount, currency)
    bank = reference(line.bank_reference)
    customer = reference(line.customer_reference)
    end_to_end = details.end_to_end_id
    told_by = [bank] if bank else [customer, end_to_end, details.remittance]
    batch = None
    if end_to_end is None and details.collective:
        batch = details.batch or (None if customer == "KREF+" else customer)
    return BankTransaction(
        id=identities.of(line.booked_on, amount, currency, *told_by),
        account=account,
        booked_on=line.booked_on,
        amount=amount,
        currency=currency,
        bank_reference=bank,
        end_to_end_id=end_to_end,
        returned=details.returned or line.type.endswith("RTI"),
        return_reason=details.return_reason,
        batch=batch,
        counterparty=details.counterparty,
        counterparty_iban=details.counterparty_iban,
        remittance=details.remittance,
    )


def _with(found: BankTransaction, told: Aside) -> BankTransaction:
    charges = told.charges and exact(told.charges, found.currency)
    paid = told.paid and exact(told.paid, str(told.currency))
    return replace(found, charges=charges, paid_amount=paid, paid_currency=paid and told.currency)


def _account_and_currency(statement: Statement, own: str | None) -> tuple[str, str]:
    opening = balance(statement.opening)
    if opening is None:
        raise SkipRecord(
            "The statement has no readable opening balance (:60F:), so no currency.",
            do=ASK_THE_BANK,
        )
    return whose(statement.account or own, own), opening[1]


def _warn_unless_tied_out(statement: Statement, total: Decimal, place: str) -> None:
    opening, closing = balance(statement.opening), balance(statement.closing)
    if opening is None or closing is None:
        log.warning("%s: no closing balance that can be read; it was not checked.", place)
    elif opening[1] != closing[1] or opening[0] + total != closing[0]:
        log.warning(
            "%s does not tie out: opening %s plus lines %s is not closing %s %s.",
            place,
            opening[0],
            total,
            closing[0],
            closing[1],
        )


def _day(text: str) -> date | None:
    """YYMMDD of this century; the 29th to 31st of a shorter month is its last day (30/360)."""
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return add_months(date(year, month, 1), 0, day)


def _entry_day(text: str, near: date) -> date | None:
    """MMDD in the year that lies nearest to the value date."""
    years = (near.year - 1, near.year, near.year + 1)
    days = [_day(f"{year % 100:02}{text}") for year in years]
    return min((day for day in days if day), key=lambda day: abs(day - near), default=None)
