"""Selling packages and earning them: as they are drawn, and the rest when they expire."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import Charge, Earning, LineFacts
from tallystick.billing.prepaid.balance import Balance, Package
from tallystick.money import Money
from tallystick.period import Period, month

DEFERRED = "Liabilities:Deferred"


def sell(line: LineFacts, balance: Balance) -> Iterator[Charge]:
    """The charge of every package bought, deferred until it is used."""
    for package in balance.packages:
        bought = package.purchase
        topped_up = " (top-up)" if bought.basis.startswith("topup:") else ""
        yield line.charge(
            basis=bought.basis,
            service=bought.service,
            group=line.line.description + topped_up,
            quantity=Decimal(1),
            unit="package",
            unit_price=bought.price.amount,
            amount=bought.price,
            reason=(f"{balance.shown(package.bought)} for use {bought.usable}",),
            account=DEFERRED,
            deferred=True,
        )


def earn(line: LineFacts, balance: Balance, account: str) -> Iterator[Earning]:
    """Revenue of each package by month of use, and its unused rest in the month it expires."""
    for package in balance.packages:
        yield from _earned(line, balance, package, account)


def _earned(line: LineFacts, balance: Balance, package: Package, account: str) -> Iterator[Earning]:
    """Each month earns price x (drawn so far / bought), rounded half away from zero, less what
    earlier months earned, so the months of a used-up or expired package sum to its price."""
    price = package.purchase.price
    earned = Money.zero(price.currency)
    so_far = Fraction(0)
    for used_in in sorted(package.drawn):
        so_far += package.drawn[used_in]
        value = Money.rounded(Fraction(price.amount) * so_far / package.bought, price.currency)
        if value != earned:
            why = f"{balance.shown(so_far)} drawn so far"
            yield _earning(line, package, used_in, value - earned, account, why)
        earned = value
    expires = package.purchase.valid
    if expires.end <= line.span.end and price - earned:
        last = expires.last_day
        why = f"{balance.shown(package.left)} expired unused"
        yield _earning(line, package, month(last.year, last.month), price - earned, account, why)


def _earning(
    line: LineFacts, package: Package, in_month: Period, amount: Money, account: str, reason: str
) -> Earning:
    return Earning(
        contract=line.facts.contract.id,
        line=line.line.id,
        basis=package.purchase.basis,
        month=in_month,
        amount=amount,
        account=account,
        reason=reason,
    )
