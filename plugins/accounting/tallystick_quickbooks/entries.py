"""Payments and journal entries of ours in QuickBooks' words, and back.

    ours                                               QuickBooks
    money in for an invoice                            Payment, linked to the invoice
    money that came back, was given back or set off    JournalEntry on what the client owes
    entry                                              JournalEntry

A key of ours is longer than a number may be there; its digest is the number, and itself the memo.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick_quickbooks.chart import RECEIVABLE, Chart
from tallystick_quickbooks.wire import decimal_of, value_of

Leg = tuple[Raw, Decimal, str | None]
"""QuickBooks' account, what is debited to it, and its customer where it is what one owes."""


def number_of(key: str) -> str:
    """21 characters, the same for the same key."""
    return "T" + b32encode(sha256(key.encode()).digest()).decode()[:20]


def undoing_key(key: str) -> str:
    """Of a payment that is an entry there: no entry of ours is called so."""
    return f"payment {key}"


def payment(raw: Raw, invoice: Raw, chart: Chart, key: str) -> dict[str, Any]:
    linked = {"TxnId": str(invoice["Id"]), "TxnType": "Invoice"}
    return {
        "CustomerRef": {"value": value_of(invoice, "CustomerRef")},
        "TotalAmt": raw["amount"],
        "TxnDate": raw["paid_on"].isoformat(),
        "CurrencyRef": {"value": raw["currency"]},
        "PaymentRefNum": number_of(key),
        "PrivateNote": key,
        "DepositToAccountRef": {"value": str(chart.account(raw["account"])["Id"])},
        "Line": [{"Amount": raw["amount"], "LinkedTxn": [linked]}],
    }


def payment_readback(theirs: Raw) -> dict[str, Any]:
    return {
        "id": theirs.get("PrivateNote"),
        "amount": decimal_of(theirs, "TotalAmt"),
        "currency": value_of(theirs, "CurrencyRef"),
    }


def undoing(raw: Raw, customer: str, chart: Chart, key: str) -> dict[str, Any]:
    """A payment of ours that is none there, as an entry between its account and what the client
    owes."""
    legs: list[Leg] = [
        (chart.account(raw["account"]), raw["amount"], None),
        (chart.account(raw["receivable"]), -raw["amount"], customer),
    ]
    return _entry(
        legs, raw["paid_on"].isoformat(), raw["currency"], f"For {raw['invoice']}", undoing_key(key)
    )


def undoing_readback(theirs: Raw) -> dict[str, Any]:
    """As a payment: what the client owes less."""
    owed = [
        amount for line, amount in _amounts(theirs) if line["JournalEntryLineDetail"].get("Entity")
    ]
    currency = value_of(theirs, "CurrencyRef")
    return {"id": theirs.get("PrivateNote"), "amount": -sum(owed), "currency": currency}


def entry(raw: Raw, chart: Chart, key: str) -> dict[str, Any]:
    """Raises `SkipRecord` for an entry of two currencies, or one that touches what clients owe:
    no entry of ours says whose it is."""
    currencies = sorted({leg["currency"] for leg in raw["postings"]})
    if len(currencies) != 1:
        raise SkipRecord(
            f"The entry is in {', '.join(currencies)}, and one of QuickBooks is in one currency.",
            do="Book it there by hand.",
        )
    legs: list[Leg] = [
        (chart.account(leg["account"]), leg["amount"], None) for leg in raw["postings"]
    ]
    for account, *_ in legs:
        if account.get("AccountType") == RECEIVABLE:
            raise SkipRecord(
                f"The entry touches {account.get('Name')}, and says of which client.",
                do="Book it there by hand.",
            )
    return _entry(legs, raw["on"].isoformat(), currencies[0], raw["narration"], key)


def entry_readback(theirs: Raw) -> dict[str, Any]:
    currency = value_of(theirs, "CurrencyRef")
    legs = [{"amount": amount, "currency": currency} for _, amount in _amounts(theirs)]
    return {"id": theirs.get("PrivateNote"), "postings": legs}


def _entry(legs: Iterable[Leg], on: str, currency: str, narration: str, key: str) -> dict[str, Any]:
    return {
        "DocNumber": number_of(key),
        "TxnDate": on,
        "CurrencyRef": {"value": currency},
        "PrivateNote": key,
        "Line": [
            {
                "DetailType": "JournalEntryLineDetail",
                "Description": narration,
                "Amount": abs(amount),
                "JournalEntryLineDetail": _side(account, amount, customer),
            }
            for account, amount, customer in legs
        ],
    }


def _side(account: Raw, amount: Decimal, customer: str | None) -> dict[str, Any]:
    side: dict[str, Any] = {
        "PostingType": "Debit" if amount > 0 else "Credit",
        "AccountRef": {"value": str(account["Id"])},
    }
    if customer is not None:
        side["Entity"] = {"Type": "Customer", "EntityRef": {"value": customer}}
    return side


def _amounts(theirs: Raw) -> list[tuple[Raw, Decimal]]:
    """Each line with what it debits."""
    found = []
    for line in theirs.get("Line") or ():
        detail = line.get("JournalEntryLineDetail")
        if isinstance(detail, Mapping):
            sign = 1 if detail.get("PostingType") == "Debit" else -1
            found.append((line, sign * decimal_of(line, "Amount")))
    return found
