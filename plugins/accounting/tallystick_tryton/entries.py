"""Payments and journal entries of ours in Tryton's words, and back.

ours                          Tryton
payment, either way           the wizard that pays an invoice: a move, tied to it and reconciled
entry                         a posted move

Both are known by the description of their move, `Tallystick` and our key.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick_tryton.chart import Chart, id_of
from tallystick_tryton.wire import decimal_of

MODEL: Final = "account.move"
FIELDS: Final = (
    *("number", "description", "state", "lines.debit", "lines.credit"),
    *("lines.amount_second_currency", "lines.second_currency.code"),
    "lines.account.type.receivable",
)


def mark(key: str) -> str:
    return f"Tallystick {key}"


def start(raw: Raw, theirs: Raw, method: int, chart: Chart, company: int) -> dict[str, Any]:
    """The first page of the wizard, filled in; raises `SkipRecord` for money that goes the wrong
    way."""
    total = decimal_of(theirs, "total_amount")
    if raw["amount"] * total <= 0:
        raise SkipRecord(
            f"Tryton has no payment of {raw['amount']} {raw['currency']} on {raw['invoice']}.",
            do="It came back, or was given back: cancel the payment it undoes in Tryton (Cancel"
            " Moves of its move), and book the bank's movement there.",
        )
    payee = id_of(theirs, "party")
    return {
        "payee": payee,
        "payees": [payee],
        "company": company,
        "currency": chart.currency(raw["currency"]),
        "amount": raw["amount"],
        "invoice_account": id_of(theirs, "account"),
        "payment_method": method,
        "date": raw["paid_on"],
        "description": mark(raw["id"]),
    }


def payment_readback(theirs: Raw, currency: str) -> dict[str, Any]:
    """What the client owes less for it, in the currency it was paid in."""
    legs = [leg for leg in _legs(theirs) if _receivable(leg)]
    foreign = {code for leg in legs if (code := _second(leg)) is not None}
    if len(foreign) == 1:
        amounts = [decimal_of(leg, "amount_second_currency") for leg in legs]
        return {"id": theirs.get("description"), "amount": -sum(amounts), "currency": foreign.pop()}
    amount = -sum((_balance(leg) for leg in legs), Decimal(0))
    return {"id": theirs.get("description"), "amount": amount, "currency": currency}


def move(raw: Raw, chart: Chart, company: int, currency: str, journal: str) -> dict[str, Any]:
    """Raises `SkipRecord` for an entry in another currency than the company's, or one on an
    account that must say whose it is."""
    if foreign := {leg["currency"] for leg in raw["postings"]} - {currency}:
        raise SkipRecord(
            f"The entry is in {', '.join(sorted(foreign))}, and the books are in {currency}.",
            do="Book it in Tryton by hand.",
        )
    lines = []
    for leg in raw["postings"]:
        account = chart.account(leg["account"])
        if account.get("party_required"):
            raise SkipRecord(
                f"Tryton lets no entry touch {leg['account']} without saying whose it is.",
                do="Book it there by hand.",
            )
        amount = leg["amount"]
        sides = {"debit": max(amount, Decimal(0)), "credit": max(-amount, Decimal(0))}
        lines.append({"account": account["id"], "description": raw["narration"], **sides})
    return {
        "company": company,
        "journal": chart.journal(journal),
        "period": chart.period(raw["on"]),
        "date": raw["on"],
        "description": mark(raw["id"]),
        "lines": [["create", lines]],
    }


def move_readback(theirs: Raw, currency: str) -> dict[str, Any]:
    legs = [{"amount": _balance(leg), "currency": currency} for leg in _legs(theirs)]
    return {"id": theirs.get("description"), "postings": legs}


def _legs(theirs: Raw) -> list[Raw]:
    return [leg for leg in theirs.get("lines") or () if isinstance(leg, dict)]


def _balance(leg: Raw) -> Decimal:
    return decimal_of(leg, "debit") - decimal_of(leg, "credit")


def _receivable(leg: Raw) -> bool:
    return bool(((leg.get("account") or {}).get("type") or {}).get("receivable"))


def _second(leg: Raw) -> str | None:
    currency = leg.get("second_currency")
    return currency.get("code") if isinstance(currency, dict) else None
