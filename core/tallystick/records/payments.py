"""How money comes: mandates to debit, and what the bank booked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from tallystick.records.record import CurrencyCode, Record, Text

Scheme = Literal["card", "sepa_debit", "bacs_debit", "ach_debit", "other_debit"]
"""How money is taken from a payer."""


class Mandate(Record, frozen=True, kw_only=True):
    """A client's authority to take money from them; `id` is the mandate reference, or what the
    provider that keeps it calls it. `payer` is that provider's id of the payer. A `one_off` one is
    good for a single collection."""

    client: Text
    scheme: Scheme = "sepa_debit"
    iban: Text | None = None
    bic: str | None = None
    payer: Text | None = None
    holder: Text
    signed_on: date
    revoked_on: date | None = None
    expires_on: date | None = None
    one_off: bool = False


class Dispute(Record, frozen=True, kw_only=True):
    """A payer, or their bank, asks for a payment back, and somebody else decides who is to have it.

    `attempt` is the key of the collection, where the provider knows it. What a dispute does to the
    money is told by movements; `open` holds refunds and further collections of the invoice. Until
    `evidence_due_on` it can be answered at the provider.
    """

    attempt: Text | None = None
    amount: Decimal
    currency: CurrencyCode
    state: Literal["open", "won", "lost"]
    reason: str = ""
    opened_on: date
    evidence_due_on: date | None = None


class BankTransaction(Record, frozen=True, kw_only=True):
    """One movement on the MSP's account; `amount` is positive for money in.

    `charges` is what the bank kept of it, so that `amount` + `charges` was on its way.
    `paid_amount` is what that was in the payer's own currency where it is another one.
    `returned` marks money sent back: `end_to_end_id` then names the collection it undoes, and
    money in takes such a return back, as a dispute does that was won. A refund that we asked for
    is no return: its `end_to_end_id` is the refund's own key.
    `batch` is the payment-information id under which a bank booked several debits as one.
    `payout` is, on an account at a payment provider, what it calls the payout by which it sent
    this to the bank, best as the bank will show it.
    """

    account: Text
    booked_on: date
    amount: Decimal
    currency: CurrencyCode
    charges: Decimal | None = None
    paid_amount: Decimal | None = None
    paid_currency: CurrencyCode | None = None
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    returned: bool = False
    return_reason: str | None = None
    batch: str | None = None
    payout: str | None = None
    counterparty: str | None = None
    counterparty_iban: str | None = None
    remittance: str = ""
