"""Interest on what is paid late: simple, by the day, on what was open on each of them.

    1,000.00 open 30 days at 11.27 %      1,000.00 x 11.27 % x 30/365 = 9.26

Between businesses Directive 2011/7/EU lets a creditor claim interest of at least eight points above
the reference rate (articles 2(6) and 3) and a fixed sum of at least 40 EUR (article 6); what a
consumer owes is for the national law. Which percent is lawful is for the MSP to say: without one
nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tallystick.money import Money

YEAR_DAYS = 365


class Balance(NamedTuple):
    """What is open from a day on, until the day of the next balance."""

    since: date
    open: Money


def late_interest(balances: Sequence[Balance], until: date, percent: Decimal) -> Money:
    """Interest at `percent` a year up to before `until`; rounded once, half away from zero.

    `balances` in the order of their days, the first on the day after the invoice was due.
    """
    currency = balances[0].open.currency
    ends = [one.since for one in balances[1:]] + [until]
    days = Fraction(0)
    for balance, end in zip(balances, ends, strict=True):
        lasted = max(0, (min(end, until) - balance.since).days)
        days += Fraction(balance.open.amount) * lasted
    return Money.rounded(days * Fraction(percent) / 100 / YEAR_DAYS, currency)
