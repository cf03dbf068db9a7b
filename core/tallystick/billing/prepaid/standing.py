"""How balances stand: of every package what was bought, drawn, is left and expired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct

from tallystick.billing.prepaid.balance import Balance, in_units
from tallystick.billing.prepaid.terms import BalanceUnit
from tallystick.money import Money
from tallystick.period import Period


class Standing(Struct, frozen=True):
    """One package on the last day before the horizon, in hours, major units or tokens.

    `drawn + left + expired == bought`, exactly, and `drawn_in` is what was drawn by the month of
    the work. It can be used on the days `valid`.
    """

    contract: str
    line: str
    basis: str
    description: str
    unit: BalanceUnit
    bought: Fraction
    drawn: Fraction
    left: Fraction
    expired: Fraction
    valid: Period
    price: Money
    drawn_in: Mapping[Period, Fraction]


def standings(balance: Balance) -> Iterator[Standing]:
    """The packages of `balance` in the order in which they were bought."""
    unit, currency = balance.terms.unit, balance.line.currency
    for package in balance.packages:
        bought = package.purchase
        over = bought.valid.end <= balance.line.span.end
        yield Standing(
            contract=balance.line.facts.contract.id,
            line=balance.line.line.id,
            basis=bought.basis,
            description=balance.line.line.description,
            unit=unit,
            bought=in_units(package.bought, unit, currency),
            drawn=in_units(package.bought - package.left, unit, currency),
            left=in_units(Fraction(0) if over else package.left, unit, currency),
            expired=in_units(package.left if over else Fraction(0), unit, currency),
            valid=bought.valid,
            price=bought.price,
            drawn_in={
                month: in_units(amount, unit, currency) for month, amount in package.drawn.items()
            },
        )
