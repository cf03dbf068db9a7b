"""Money in the units Stripe counts it in. Pure.

Mostly the currency's minor units by ISO 4217, but not always:

    5 JPY        5   no decimals
    5 MGA        5   likewise, though ISO 4217 gives it two
    5 ISK      500   two, always 00, though ISO 4217 gives it none
    5.120 KWD 5120   three, of which the last is 0

Source: docs.stripe.com/currencies, sections "Zero-decimal currencies", "Three-decimal currencies"
and "Special cases". UGX stands in two of them; what its special case says of amounts holds. HUF and
TWD are whole in manual payouts only, which are not made here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money

_WHOLE: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"}
    | {"PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THOUSANDTHS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def _places(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def units(money: Money) -> int:
    """`money` as Stripe wants it; raises `SkipRecord` where Stripe cannot move just that."""
    scaled = money.amount.scaleb(_places(money.currency))
    count = int(scaled)
    if count != scaled or (money.currency in _THOUSANDTHS and count % 10):
        raise SkipRecord(
            f"Stripe cannot move {money}: that is finer than it counts {money.currency}.",
            do="Agree on another way to pay this invoice.",
        )
    return count


def amount(count: int, currency: str) -> Decimal:
    """Stripe's `count` in major units, with exactly the places ISO 4217 gives the currency.

    Raises `SkipRecord` for a currency that is not listed, and a count finer than its minor unit.
    """
    try:
        return Money.exact(Decimal(count).scaleb(-_places(currency)), currency).amount
    except Stop as error:
        raise SkipRecord(error.what, do="Look at it in Stripe's dashboard.") from error
