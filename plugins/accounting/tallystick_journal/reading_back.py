"""The document a booked entry came from: what the books say of it, for whoever pushed it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from tallystick_journal.bookkeeping import receivable
from tallystick_journal.documents import (
    RECEIVABLE,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Leg,
    Line,
    Payment,
    Tax,
)
from tallystick_journal.entries import Entry, Posting


def readback(entry: Entry) -> dict[str, Any]:
    """The pushed record as the books have it; an invoice also says its `net` and `tax_total`.
    `receivable` is said where it is not the usual one."""
    document = document_of(entry)
    raw: dict[str, Any] = msgspec.to_builtins(document, builtin_types=(Decimal, date))
    if raw.get("receivable") == RECEIVABLE:
        del raw["receivable"]
    if isinstance(document, Invoice):
        raw["net"] = sum((line.net for line in document.lines), Decimal(0))
        raw["tax_total"] = sum((tax.amount for tax in document.tax), Decimal(0))
    return raw


def document_of(entry: Entry) -> Document:
    """The document whose `booked` entry this is."""
    meta: dict[str, Any] = dict(entry.meta)
    record = meta.pop("record")
    del meta["key"]
    first = entry.postings[0] if entry.postings else None
    if record == "customer":
        return Customer(name=entry.texts[2], **meta)
    if record == "entry" or first is None:
        legs = tuple(_leg(posting) for posting in entry.postings)
        return JournalEntry(on=entry.on, narration=entry.texts[-1], postings=legs, **meta)
    if record == "payment":
        return Payment(
            paid_on=entry.on,
            account=first.account,
            amount=first.amount,
            currency=first.currency,
            receivable=_root(entry.postings[1]),
            **meta,
        )
    return Invoice(
        client_name=entry.texts[0],
        issued_on=entry.on,
        gross=first.amount,
        currency=first.currency,
        receivable=_root(first),
        lines=tuple(
            Line(description=str(p.meta["line"]), account=p.account, net=-p.amount)
            for p in entry.postings
            if "line" in p.meta
        ),
        tax=tuple(
            Tax(
                category=str(p.meta["category"]),
                percent=Decimal(str(p.meta["percent"])),
                account=p.account,
                amount=-p.amount,
            )
            for p in entry.postings
            if "category" in p.meta
        ),
        **meta,
    )


def _root(posting: Posting) -> str:
    """The account that a client's receivable is part of."""
    return posting.account.rpartition(":")[0]


def _leg(posting: Posting) -> Leg:
    meta: dict[str, Any] = dict(posting.meta)
    own = "client" in meta and posting.account == receivable(meta["client"])
    account = RECEIVABLE if own else posting.account
    return Leg(account=account, amount=posting.amount, currency=posting.currency, **meta)
