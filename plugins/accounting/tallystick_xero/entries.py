"""Payments and journal entries of ours in Xero's words, and back.

ours                                    Xero
payment of an invoice, money in         Payment
payment of a credit note, money out     Payment, positive there
entry without a bank account            ManualJournal
entry that moves one bank account       BankTransaction, received or spent
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick_xero.chart import BANK, DEBTORS, Accounts
from tallystick_xero.wire import decimal_of

Leg = tuple[Raw, Decimal]
"""Xero's account, and what is debited to it in major units."""


def payment(raw: Raw, theirs: Raw, account: Raw, key: str) -> dict[str, Any]:
    """The payment `raw` of Xero's document `theirs`; raises `SkipRecord` for money that goes the
    wrong way."""
    credit = "CreditNoteID" in theirs
    amount: Decimal = -raw["amount"] if credit else raw["amount"]
    if amount <= 0:
        raise SkipRecord(
            f"Xero has no payment of {raw['amount']} {raw['currency']} on {raw['invoice']}.",
            do="It came back, or was given back: remove the payment it undoes in Xero, where the"
            " bank's movement then waits to be reconciled.",
        )
    kind = "CreditNote" if credit else "Invoice"
    return {
        kind: {f"{kind}ID": theirs[f"{kind}ID"]},
        "Account": {"AccountID": account["AccountID"]},
        "Date": raw["paid_on"].isoformat(),
        "Amount": amount,
        "Reference": key,
    }


def payment_readback(theirs: Raw, currency: str | None) -> dict[str, Any]:
    sign = -1 if theirs.get("PaymentType") == "ARCREDITPAYMENT" else 1
    amount = sign * decimal_of(theirs, "Amount")
    return {"id": theirs.get("Reference"), "amount": amount, "currency": currency}


def legs_of(raw: Raw, accounts: Accounts, base: str) -> list[Leg]:
    """Raises `SkipRecord` for an entry in another currency than the organisation's, or one that
    touches what clients owe: Xero takes neither."""
    if foreign := {leg["currency"] for leg in raw["postings"]} - {base}:
        raise SkipRecord(
            f"The entry is in {', '.join(sorted(foreign))}, and journals of Xero are in {base}.",
            do="Book it there by hand.",
        )
    legs = [(accounts(leg["account"]), leg["amount"]) for leg in raw["postings"]]
    for account, _ in legs:
        if account.get("SystemAccount") == DEBTORS:
            raise SkipRecord(
                f"Xero lets no entry touch {account.get('Name')}.", do="Book it there by hand."
            )
    return legs


def banks(legs: Sequence[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg[0].get("Type") == BANK]


def journal(raw: Raw, legs: Sequence[Leg], key: str) -> dict[str, Any]:
    return {
        "Narration": f"{raw['narration']} {mark(key)}",
        "Date": raw["on"].isoformat(),
        "LineAmountTypes": "NoTax",
        "Status": "POSTED",
        "JournalLines": [
            {"LineAmount": amount, "AccountCode": account["Code"], "TaxType": "NONE"}
            for account, amount in legs
        ],
    }


def bank_transaction(
    raw: Raw, legs: Sequence[Leg], contact: str, currency: str, key: str
) -> dict[str, Any]:
    """What one bank account received or spent, and what for; raises `SkipRecord` where several
    were moved."""
    [(bank, moved), *others] = banks(legs)
    if others:
        raise SkipRecord(
            "The entry moves two bank accounts, which Xero takes as a transfer only.",
            do="Book it there by hand.",
        )
    sign = 1 if moved > 0 else -1
    return {
        "Type": "RECEIVE" if sign > 0 else "SPEND",
        "Contact": {"Name": contact},
        "BankAccount": {"AccountID": bank["AccountID"]},
        "Date": raw["on"].isoformat(),
        "Reference": key,
        "CurrencyCode": currency,
        "LineAmountTypes": "NoTax",
        "LineItems": [
            {
                "Description": raw["narration"],
                "Quantity": 1,
                "UnitAmount": -sign * amount,
                "AccountCode": account["Code"],
                "TaxType": "NONE",
            }
            for account, amount in legs
            if account is not bank
        ],
    }


def journal_readback(theirs: Raw, currency: str) -> dict[str, Any]:
    lines = theirs.get("JournalLines") or ()
    return _postings(theirs, currency, [decimal_of(line, "LineAmount") for line in lines])


def bank_readback(theirs: Raw, currency: str) -> dict[str, Any]:
    sign = 1 if theirs.get("Type") == "RECEIVE" else -1
    lines = theirs.get("LineItems") or ()
    others = [-sign * decimal_of(line, "LineAmount") for line in lines]
    return _postings(theirs, currency, [sign * decimal_of(theirs, "Total"), *others])


def mark(key: str) -> str:
    """How a narration ends that has no other place for our key."""
    return f"({key})"


def _postings(theirs: Raw, currency: str, amounts: Sequence[Decimal]) -> dict[str, Any]:
    legs = [{"amount": amount, "currency": currency} for amount in amounts]
    return {"id": theirs.get("Reference") or theirs.get("Narration"), "postings": legs}
