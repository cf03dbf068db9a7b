"""Declared CSV exports as transactions: what the settings do not say is not guessed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick.records import BankTransaction
from tallystick_bank.settings import CsvLayout
from tallystick_bank.transaction import Identities, exact, iban, pulled, reference, whose

PREAMBLE_ROWS_MAX = 50
COLUMNS_MAX = 1_000
AMOUNTS = {
    ",": re.compile(r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]{1,18})(,[0-9]{1,5})?"),
    ".": re.compile(r"[+-]?([0-9]{1,3}([,'])[0-9]{3}(\2[0-9]{3})*|[0-9]{1,18})(\.[0-9]{1,5})?"),
}
"""By decimal mark: digits, whole groups of three between separators, at most 5 decimals."""
FIX_THE_ROW = "Correct the export or the `csv` settings of the connection."


def read(text: str, file: str, layout: CsvLayout, own: str | None) -> Iterator[Pulled | Broken]:
    """The transactions of one file; a row that does not fit is set aside naming its column.

    Raises `SkipRecord`, before anything is yielded, when the declared columns are not found.
    """
    rows = csv.reader(StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
    headings = _headings(rows, layout)
    identities: dict[str, Identities] = {}
    try:
        for cells in rows:
            place = f"row {rows.line_num} of {file}"
            if not any(cell.strip() for cell in cells):
                continue
            raw = dict(zip(headings, cells, strict=False))
            if len(cells) != len(headings):
                what = f"It has {len(cells)} cells, the heading has {len(headings)}."
                yield Broken(place, what, FIX_THE_ROW, raw)
                continue
            try:
                yield pulled(_transaction(raw, layout, own, identities), place)
            except SkipRecord as error:
                yield Broken(place, error.what, error.do, raw)
    except csv.Error as error:
        yield Broken(
            f"row {rows.line_num} of {file}",
            f"It and what follows cannot be read ({error}).",
            FIX_THE_ROW,
            {},
        )


def _headings(rows: Iterator[list[str]], layout: CsvLayout) -> list[str]:
    """The first row that holds every declared column, each once."""
    wanted = layout.columns()
    try:
        for number, cells in enumerate(rows, 1):
            headings = [cell.strip() for cell in cells]
            if number > PREAMBLE_ROWS_MAX or len(cells) > COLUMNS_MAX:
                break
            if all(headings.count(heading) == 1 for heading in wanted.values()):
                return headings
    except csv.Error as error:
        raise SkipRecord(f"It is no CSV file ({error}).", do=FIX_THE_ROW) from error
    raise SkipRecord(
        f"No row near its start has the columns {', '.join(wanted.values())}, each once.",
        do=FIX_THE_ROW,
    )


def _transaction(
    raw: dict[str, str], layout: CsvLayout, own: str | None, identities: dict[str, Identities]
) -> BankTransaction:
    found = {field: raw[heading].strip() for field, heading in layout.columns().items()}
    account = whose(found.get("account") or own, own)
    booked_on = _day(found["booked_on"], layout)
    currency = found.get("currency") or layout.currency_code or ""
    amount = exact(_amount(found["amount"], layout.amount, layout), currency)
    charges = _further(found, "charges", layout, currency)
    paid_in = found.get("paid_currency") or None
    paid = None
    if paid_in not in (None, currency):
        paid = _further(found, "paid_amount", layout, str(paid_in))
    bank = reference(found.get("bank_reference"))
    remittance = found.get("remittance", "")
    end_to_end = reference(found.get("end_to_end_id"))
    told_by = [end_to_end, found.get("counterparty"), found.get("counterparty_iban"), remittance]
    known = identities.setdefault(account, Identities(account))
    return BankTransaction(
        id=known.of(booked_on, amount, currency, *([bank] if bank else told_by)),
        account=account,
        booked_on=booked_on,
        amount=amount,
        currency=currency,
        charges=charges,
        paid_amount=paid and paid.copy_sign(amount + (charges or 0)),
        paid_currency=paid_in if paid else None,
        bank_reference=bank,
        end_to_end_id=end_to_end,
        counterparty=found.get("counterparty") or None,
        counterparty_iban=iban(found.get("counterparty_iban")),
        remittance=remittance,
    )


def _further(found: dict[str, str], field: str, layout: CsvLayout, currency: str) -> Decimal | None:
    """An amount without its sign; None where the cell is empty, or says zero."""
    if not (text := found.get(field)):
        return None
    return exact(abs(_amount(text, layout.columns()[field], layout)), currency) or None


def _amount(text: str, column: str, layout: CsvLayout) -> Decimal:
    if not AMOUNTS[layout.decimal_mark].fullmatch(text):
        raise SkipRecord(
            f"Column {column}: {text!r} is no amount with the decimal mark "
            f"{layout.decimal_mark!r}.",
            do=FIX_THE_ROW,
        )
    grouping = ".'" if layout.decimal_mark == "," else ",'"
    bare = text.translate({ord(mark): None for mark in grouping})
    return Decimal(bare.replace(",", "."))


def _day(text: str, layout: CsvLayout) -> date:
    try:
        if text.isascii():
            return datetime.strptime(text, layout.date_format).date()  # noqa: DTZ007 - a date has no zone at all
    except ValueError:
        pass
    raise SkipRecord(
        f"Column {layout.booked_on}: {text!r} is no date of the form {layout.date_format}.",
        do=FIX_THE_ROW,
    )
