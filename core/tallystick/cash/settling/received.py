"""What a movement brought: on the account, kept by the bank, and in the payer's own currency.

    1,000.00 CHF paid   =   1,045.10 EUR moved   +   5.00 EUR fee

Pure. All three carry one sign, positive for money in, but for a fee that exceeds the money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tallystick.books.entries import Moved
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.records import BankTransaction


@dataclass(frozen=True, slots=True)
class Received:
    """Money to be matched: `moved` by its account, and `paid` as its payer told it, which is
    `worth` where no other currency was told."""

    moved: Moved
    paid: Money

    @property
    def worth(self) -> Money:
        return self.moved.worth

    def within(self, currency: str) -> Money | None:
        """All of it in `currency`; None where it was told in others only."""
        return next((one for one in (self.worth, self.paid) if one.currency == currency), None)


def received_of(account: str, record: BankTransaction) -> Received:
    """What a bank tells of a movement on `account`.

    Raises `Stop` for an amount that is not of whole minor units, and for money paid in another
    direction than it moved.
    """
    amount = Money.exact(record.amount, record.currency)
    fee = Money.exact(record.charges or Decimal(0), record.currency)
    moved = Moved(account, amount, fee)
    if record.paid_amount is None or record.paid_currency in (None, record.currency):
        return Received(moved, moved.worth)
    paid = Money.exact(record.paid_amount, str(record.paid_currency))
    if (paid.minor > 0) != (moved.worth.minor > 0) or not paid:
        raise Stop(
            f"{paid} were paid, but {moved.worth} came of it.",
            do="Correct the statement: both are positive for money in.",
        )
    return Received(moved, paid)


def shares(of: Money, whole: Money, amounts: Sequence[Money]) -> list[Money]:
    """`of` in the proportion that each of `amounts` has to `whole`; rounded half away from zero
    so that the shares of all of it sum to `of`, whatever the signs of its amounts."""
    if not whole:
        return [of, *(Money.zero(of.currency) for _ in amounts[1:])]
    found: list[Money] = []
    reached, shared = 0, Money.zero(of.currency)
    for amount in amounts:
        reached += amount.minor
        upto = Money.rounded(Fraction(of.amount) * Fraction(reached, whole.minor), of.currency)
        found.append(upto - shared)
        shared = upto
    return found
