"""Which accounts a document moves.

    invoice    Dr receivable of the client   gross     Cr each line's account, each tax's account
    payment    Dr the account paid into      amount    Cr receivable of the client
    entry      as given; "Assets:Receivable" with a client is that client's receivable

A credit note or a returned payment is the same with negative amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from tallystick.connector import Raw
from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money
from tallystick_journal.beancount_text import EPOCH, checked_account
from tallystick_journal.documents import (
    RECEIVABLE,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Payment,
)
from tallystick_journal.entries import CUSTOM, TRANSACTION, Entry, Meta, Posting
from tallystick_journal.inert import account_name, link_name

DOCUMENTS: Final[dict[str, type[Document]]] = {
    "customer": Customer,
    "invoice": Invoice,
    "payment": Payment,
    "entry": JournalEntry,
}


def document_from(record: str, raw: Raw) -> Document:
    """`raw` typed; raises `SkipRecord` naming the field that does not fit."""
    try:
        return msgspec.convert(raw, DOCUMENTS[record])
    except msgspec.ValidationError as error:
        raise SkipRecord(
            f"The {record} cannot be booked: {error}.",
            do="Correct that field where the record comes from and push it again.",
        ) from error


def booked(document: Document, key: str, today: date) -> Entry:
    """The balanced entry for `document`; a customer, who has no date, is noted on `today`.

    Raises `Stop` when the postings do not sum to zero in every currency, when an amount is
    not of whole minor units or an account cannot be spelled; `SkipRecord` for a date before
    the books begin.
    """
    match document:
        case Customer():
            entry = _booked_customer(document, key, today)
        case Invoice():
            entry = _booked_invoice(document, key)
        case Payment():
            entry = _booked_payment(document, key)
        case JournalEntry():
            entry = _booked_entry(document, key)
    if entry.on < EPOCH:
        raise SkipRecord(
            f"It is dated {entry.on}, and the books begin on {EPOCH}.",
            do="Correct the date where the record comes from and push it again.",
        )
    _must_balance(entry.postings)
    return entry


def accounts_of(entry: Entry) -> list[str]:
    """Every account `entry` names, once, in order."""
    if entry.kind == CUSTOM:
        root = str(entry.meta.get("receivable", RECEIVABLE))
        return [receivable(str(entry.meta["id"]), root)]
    return list(dict.fromkeys(posting.account for posting in entry.postings))


def receivable(client: str, root: str = RECEIVABLE) -> str:
    return f"{root}:{account_name(client)}"


def _booked_customer(customer: Customer, key: str, today: date) -> Entry:
    meta = _meta(
        key=key,
        record="customer",
        id=customer.id,
        vat_id=customer.vat_id,
        country=customer.country,
        currency=customer.currency,
        receivable=None if customer.receivable == RECEIVABLE else customer.receivable,
    )
    return Entry(today, CUSTOM, ("customer", customer.id, customer.name), meta)


def _booked_invoice(invoice: Invoice, key: str) -> Entry:
    def posting(account: str, amount: Decimal, **meta: str) -> Posting:
        return _posting(account, amount, invoice.currency, meta)

    return Entry(
        on=invoice.issued_on,
        kind=TRANSACTION,
        texts=(
            invoice.client_name,
            f"{'Invoice' if invoice.kind == 'invoice' else 'Credit note'} {invoice.number}",
        ),
        link=link_name(invoice.number),
        meta=_meta(
            key=key,
            record="invoice",
            number=invoice.number,
            kind=invoice.kind,
            client=invoice.client,
            due_on=invoice.due_on,
        ),
        postings=(
            posting(receivable(invoice.client, invoice.receivable), invoice.gross),
            *(posting(line.account, -line.net, line=line.description) for line in invoice.lines),
            *(
                posting(tax.account, -tax.amount, category=tax.category, percent=f"{tax.percent:f}")
                for tax in invoice.tax
            ),
        ),
    )


def _booked_payment(payment: Payment, key: str) -> Entry:
    return Entry(
        on=payment.paid_on,
        kind=TRANSACTION,
        texts=(f"Payment {payment.invoice or payment.id}",),
        link=link_name(payment.invoice or ""),
        meta=_meta(
            key=key,
            record="payment",
            id=payment.id,
            client=payment.client,
            invoice=payment.invoice,
        ),
        postings=(
            _posting(payment.account, payment.amount, payment.currency, {}),
            _posting(
                receivable(payment.client, payment.receivable),
                -payment.amount,
                payment.currency,
                {},
            ),
        ),
    )


def _booked_entry(entry: JournalEntry, key: str) -> Entry:
    return Entry(
        on=entry.on,
        kind=TRANSACTION,
        texts=(entry.narration,),
        meta=_meta(key=key, record="entry", id=entry.id),
        postings=tuple(
            _posting(
                receivable(leg.client)
                if leg.client is not None and leg.account == RECEIVABLE
                else leg.account,
                leg.amount,
                leg.currency,
                _meta(client=leg.client, contract=leg.contract),
            )
            for leg in entry.postings
        ),
    )


def _posting(account: str, amount: Decimal, currency: str, meta: Meta) -> Posting:
    exact = Money.exact(amount, currency).amount
    return Posting(checked_account(account), exact, currency, meta)


def _meta(**values: str | date | None) -> dict[str, str | date]:
    return {name: value for name, value in values.items() if value is not None}


def _must_balance(postings: Iterable[Posting]) -> None:
    sums: dict[str, Money] = {}
    for posting in postings:
        amount = Money.exact(posting.amount, posting.currency)
        so_far = sums.get(posting.currency, Money.zero(posting.currency))
        sums[posting.currency] = so_far + amount
    off = [str(amount) for amount in sums.values() if amount]
    if off:
        raise Stop(
            f"Debits and credits do not balance: {' and '.join(off)} is left over.",
            do="Nothing was booked. Correct the amounts where the record comes from.",
        )
