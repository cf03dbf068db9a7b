"""A balance transaction of Stripe's as a movement of our account there. Pure.

    type                                    money       told as
    charge, payment                         in          what a client paid, less Stripe's fee
    refund, payment_refund                  out         ours: under its own key; others: returned
    refund_failure                          in          the same, taken back
    payment_failure_refund, _reversal       out         returned: a bank debit that failed late
    adjustment of a dispute                 out or in   returned; money in takes that back
    payout, payout_failure, payout_cancel   out or in   to our own bank, or back from there
    stripe_fee, stripe_fx_fee, tax_fee      out         all of it charges: nothing was on its way

`net` moved and `fee` was kept, so `net` + `fee` was on its way. A payment of which nobody knows yet
whether it comes - a bank debit is in the balance from the first day - is no movement until then.
Source: docs.stripe.com/reports/balance-transaction-types.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.errors import SkipRecord
from tallystick.records import BankTransaction
from tallystick_stripe.amounts import amount
from tallystick_stripe.intents import ATTEMPT, REFUND, Intent

_RETURNS: Final = frozenset(
    {"refund", "payment_refund", "refund_failure", "payment_failure_refund", "payment_reversal"}
)
_PAYOUTS: Final = frozenset({"payout", "payout_failure", "payout_cancel"})
_FEES: Final = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})

IntentOf = Callable[[str], Intent]


class Payer(Struct):
    name: str | None = None


class Source(Struct):
    """What moved the balance: a charge, refund, dispute, payout, or another object of Stripe's."""

    id: str
    object: str = ""
    amount: int | None = None
    currency: str | None = None
    status: str | None = None
    metadata: dict[str, str] | None = None
    payment_intent: str | None = None
    billing_details: Payer | None = None
    failure_code: str | None = None
    reason: str | None = None

    @property
    def payer(self) -> str | None:
        return self.billing_details.name if self.billing_details else None


class Move(Struct):
    id: str
    type: str
    amount: int
    fee: int
    net: int
    currency: str
    created: int
    description: str | None = None
    source: Source | str | None = None

    @property
    def undecided(self) -> bool:
        match self.source:
            case Source(object="charge", status="pending"):
                return True
        return False


def movement(move: Move, account: str, intent_of: IntentOf) -> BankTransaction:
    """The movement on `account`; `intent_of` is asked where only the intent knows our key.

    Raises `SkipRecord` when the figures contradict each other or are of no known currency.
    """
    if move.amount - move.fee != move.net:
        raise SkipRecord(
            f"{move.amount} less the fee of {move.fee} is not {move.net}.",
            do="Ask Stripe; the movement counts once it is corrected.",
        )
    if isinstance(move.source, str) and move.type in ("charge", "payment"):
        raise SkipRecord(
            "Stripe does not tell whether this payment came through.",
            do="Look at it in Stripe's dashboard; it counts once its charge is told with it.",
        )
    currency = move.currency.upper()
    source = move.source if isinstance(move.source, Source) else None
    moved, kept = amount(move.net, currency), amount(move.fee, currency)
    if move.type in _FEES:
        kept = -moved
    repaid = (source.metadata or {}).get(REFUND) if source else None
    key, failure = (repaid, None) if repaid else _origin(source, intent_of)
    disputed = source is not None and source.object == "dispute"
    returned = not repaid and (disputed or move.type in _RETURNS)
    paid = _paid(move, source, currency)
    reference = source.id if source else move.source if isinstance(move.source, str) else move.id
    return BankTransaction(
        id=move.id,
        account=account,
        booked_on=datetime.fromtimestamp(move.created, UTC).date(),
        amount=moved,
        currency=currency,
        charges=kept or None,
        paid_amount=paid[0],
        paid_currency=paid[1],
        bank_reference=str(reference),
        end_to_end_id=key,
        returned=returned,
        return_reason=(failure or (source and source.reason) or move.type) if returned else None,
        payout=str(reference) if move.type in _PAYOUTS else None,
        counterparty=source.payer if source else None,
        remittance=move.description or "",
    )


def _origin(source: Source | None, intent_of: IntentOf) -> tuple[str | None, str | None]:
    """Our key of the attempt, and why its debit failed where it did."""
    if source is None:
        return None, None
    key = (source.metadata or {}).get(ATTEMPT)
    if key is not None or source.object == "charge" or source.payment_intent is None:
        return key, source.failure_code
    intent = intent_of(source.payment_intent)
    return intent.metadata.get(ATTEMPT), intent.refusal or None


def _paid(move: Move, source: Source | None, currency: str) -> tuple[Decimal | None, str | None]:
    """What moved in the payer's own currency, where that is another one."""
    if source is None or source.amount is None or source.currency is None:
        return None, None
    theirs = source.currency.upper()
    if theirs == currency:
        return None, None
    return amount(source.amount if move.amount >= 0 else -source.amount, theirs), theirs
