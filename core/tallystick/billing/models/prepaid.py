"""Prepaid: packages of hours, money or tokens bought before they are used, drawn by work."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.prepaid.balance import Balance
from tallystick.billing.prepaid.earn import earn, sell
from tallystick.billing.prepaid.overage import price_beyond
from tallystick.billing.prepaid.purchases import purchases
from tallystick.billing.prepaid.terms import PrepaidTerms


def balance(line: LineFacts) -> Balance:
    return Balance.of(line, line.terms, purchases(line, line.terms))


def price(line: LineFacts) -> Iterator[Priced]:
    """Packages as they are bought, what is beyond them, and what they earn."""
    drawn: Balance = line.balance
    yield from sell(line, drawn)
    yield from price_beyond(line, drawn)
    yield from earn(line, drawn, "Income:Prepaid")


MODEL = ChargeModel("prepaid", PrepaidTerms, "drawn", price, balance)
