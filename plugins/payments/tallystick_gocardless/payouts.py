"""A payout taken apart: the movements of our account at GoCardless. Pure.

    item                        money       told as
    payment_paid_out            in          what a client paid, less GoCardless' fee
    payment_failed              out         returned: it failed after it was paid out
    payment_charged_back        out         returned: the payer asked the bank for it
    payment_refunded, refund    out         a refund under its own key; else returned
    refund_funds_returned       in          a refund that never arrived
    ..._fee, revenue_share      out or in   what was kept of the money of its payment
    the payout itself           out         to our own bank

Fees are told to a tenth of a minor unit and, by country, with or without their tax; the payout is
whole. So what was kept in all is what the money items sum to less the payout, and each fee takes
its part of that, rounded so that the parts sum up. Figures that differ from the payout by more than
rounding are no basis for entries.
Source: developer.gocardless.com/api-reference, "Payout items".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, NamedTuple

from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money
from tallystick.records import BankTransaction
from tallystick_gocardless.objects import (
    ATTEMPT,
    REFUND,
    Links,
    Payment,
    Payout,
    PayoutItem,
    Refund,
)

MONEY: Final = {
    "payment_paid_out": "",
    "payment_failed": "late_failure",
    "payment_charged_back": "charged_back",
    "payment_refunded": "refunded",
    "refund": "refunded",
    "refund_funds_returned": "",
}
"""The items that are money of payers, and why it went back where it did."""
FEES: Final = frozenset(
    {"gocardless_fee", "app_fee", "revenue_share", "surcharge_fee", "app_fee_refund"}
)
_ASK: Final = "Ask GoCardless; its movements count once it is corrected."

PaymentOf = Callable[[str], Payment]
RefundOf = Callable[[str], Refund]
CauseOf = Callable[[str], str]


class Known(NamedTuple):
    """Where the objects behind items are looked up: payments and refunds by id, and why a payment
    failed late or was charged back."""

    payment: PaymentOf
    refund: RefundOf
    cause: CauseOf


def movements(
    payout: Payout, items: Sequence[PayoutItem], account: str, known: Known
) -> list[BankTransaction]:
    """All movements of one payout, which sum to nothing on `account`.

    Raises `SkipRecord` where an item is of no known type or the figures contradict each other.
    """
    money = [item for item in items if item.type in MONEY]
    if strange := {item.type for item in items} - MONEY.keys() - FEES:
        raise SkipRecord(
            f"Payout {payout.id} holds {', '.join(sorted(strange))}, which nobody here knows.",
            do="Ask for a version of Tallystick that does.",
        )
    gross = [_whole(item) for item in money]
    kept = sum(gross) - payout.amount
    parts = _parts(kept, money, [item for item in items if item.type in FEES], payout.id)
    numbers: Counter[str] = Counter()
    found = []
    for item, moved, fee in zip(money, gross, parts, strict=False):
        about = item.links.get("refund") or item.links.get("payment") or ""
        name = f"{payout.id}-{item.type}-{about}"
        numbers[name] += 1
        id_ = name if numbers[name] == 1 else f"{name}-{numbers[name]}"
        found.append(_movement(id_, payout, account, moved - fee, fee, _about(item, known)))
    if parts[-1]:
        of_its_own = {"remittance": f"fees of payout {payout.reference or payout.id}"}
        found.append(
            _movement(f"{payout.id}-fees", payout, account, -parts[-1], parts[-1], of_its_own)
        )
    to_bank = {
        "remittance": f"payout {payout.reference or payout.id}",
        "bank_reference": payout.reference or payout.id,
        "payout": payout.reference or payout.id,
    }
    found.append(_movement(payout.id, payout, account, -payout.amount, 0, to_bank))
    return found


def _movement(
    id_: str, payout: Payout, account: str, moved: int, fee: int, about: Mapping[str, object]
) -> BankTransaction:
    return BankTransaction(
        id=id_,
        account=account,
        booked_on=_day(payout.created_at),
        amount=_amount(moved, payout.currency),
        currency=payout.currency,
        charges=_amount(fee, payout.currency) if fee else None,
        **{"bank_reference": payout.id, **about},  # type: ignore[arg-type]  # fields of the record by their names
    )


def _about(item: PayoutItem, known: Known) -> dict[str, object]:
    """Whose money it is: a refund of ours by its own key, everything else by its payment's."""
    refund = known.refund(item.links["refund"]) if item.links.get("refund") else None
    payment_id = item.links.get("payment") or (refund and refund.links.get("payment"))
    if refund is not None and (ours := refund.metadata.get(REFUND)):
        return {"end_to_end_id": ours}
    if not payment_id:
        return {"remittance": item.type}
    payment = known.payment(payment_id)
    about: dict[str, object] = {
        "end_to_end_id": payment.metadata.get(ATTEMPT),
        "remittance": payment.description or "",
    }
    if why := MONEY[item.type]:
        late = item.type in ("payment_failed", "payment_charged_back")
        about |= {
            "returned": True,
            "return_reason": (known.cause(payment.id) if late else "") or why,
        }
    elif item.type == "refund_funds_returned":
        about |= {"returned": True, "return_reason": "refund_funds_returned"}
    return about


def _parts(
    kept: int, money: Sequence[PayoutItem], fees: Sequence[PayoutItem], payout: str
) -> list[int]:
    """What was kept of each money item and, last, by itself; they sum to `kept`."""
    plain = [_exact(fee.amount) for fee in fees]
    taxed = [amount + _taxes(fee, amount) for amount, fee in zip(plain, fees, strict=True)]
    off, told = min((abs(kept + sum(way, Fraction(0))), way) for way in (plain, taxed))
    if off > 1:
        raise SkipRecord(
            f"Payout {payout} is {off.limit_denominator(10)} minor units off its items.",
            do=_ASK,
        )
    payments = [
        item.links.get("payment") if item.type == "payment_paid_out" else "" for item in money
    ]
    exact = [Fraction(0)] * (len(money) + 1)
    for amount, fee in zip(told, fees, strict=True):
        whose: Links = fee.links
        paid = whose.get("payment")
        exact[payments.index(paid) if paid in payments else -1] -= amount
    return _rounded(exact, kept)


def _rounded(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers near `exact` that sum to `total`: rounding what was reached each time loses
    nothing, and the last that is not nothing takes what is off in all."""
    found: list[int] = []
    reached, told = Fraction(0), 0
    for amount in exact:
        reached += amount
        found.append(round(reached) - told if amount else 0)
        told += found[-1]
    if told != total:
        last = max((i for i, amount in enumerate(exact) if amount), default=len(exact) - 1)
        found[last] += total - told
    return found


def _exact(text: str) -> Fraction:
    try:
        number = Decimal(text)
        if not number.is_finite():
            raise InvalidOperation
        return Fraction(number)
    except InvalidOperation:
        raise SkipRecord(f"{text[:20]!r} is no amount.", do=_ASK) from None


def _whole(item: PayoutItem) -> int:
    amount = _exact(item.amount)
    if amount.denominator != 1:
        raise SkipRecord(
            f"A {item.type} of {item.amount} minor units is not whole.",
            do=_ASK,
        )
    return int(amount)


def _taxes(fee: PayoutItem, amount: Fraction) -> Fraction:
    """The tax on a fee, in the direction of the fee."""
    tax = sum((_exact(one.amount) for one in fee.taxes or ()), Fraction(0))
    return tax if amount > 0 else -tax


def _amount(minor: int, currency: str) -> Decimal:
    try:
        return Money(minor, currency).amount
    except Stop as error:
        raise SkipRecord(error.what, do=_ASK) from error


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).date()
