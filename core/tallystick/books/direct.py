"""Direct cost: licences, parts and travel, each month with its share.

2026-09-20               all of it in September
2026-09-16..2026-10-16   15 of 30 days in September, 15 in October
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tallystick.billing.months import by_month
from tallystick.billing.routing import Terms
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period, one_day


class Share(NamedTuple):
    """What one month bears, in minor units of `currency`; None where it cannot be exchanged."""

    month: date
    currency: str
    minor: int | None


def shares(
    amount: Money, service: Period, into: str, exchange: Sequence[ExchangeRate]
) -> Iterator[Share]:
    """`amount` by day over the months of `service`, each exchanged at the first of its days."""
    currency = into or amount.currency
    for days, part in by_month(amount, service):
        exchanged = _exchanged(part, currency, days.start, exchange)
        yield Share(days.start.replace(day=1), currency, exchanged)


def shares_of(
    amount: Decimal,
    currency: str,
    service: Period,
    into: str,
    house: str,
    exchange: Sequence[ExchangeRate],
) -> list[Share]:
    """As `shares`, of `amount` in major units of `currency`; all of it stays unexchanged in the
    first month where ISO 4217 does not know that currency, told in `into`, or in `house` where
    that is empty."""
    try:
        told = Money.rounded(amount, currency)
    except Stop:
        return [Share(service.start.replace(day=1), into or house, None)]
    return list(shares(told, service, into, exchange))


def service_of(spent_on: date | None, starts_on: date | None, ends_on: date | None) -> Period:
    """The days a cost is for: one, or those it is spread over."""
    if starts_on is not None and ends_on is not None:
        return Period(starts_on, ends_on)
    if spent_on is None:
        raise ValueError("a cost has either a day, or a first and a last one")
    return one_day(spent_on)


def _exchanged(
    part: Money, currency: str, day: date, exchange: Sequence[ExchangeRate]
) -> int | None:
    try:
        found = convert(part, currency, day, exchange)
    except Stop:  # a currency ISO 4217 does not know
        return None
    return found.minor if found else None


def bearer(
    named: str | None, of_ticket: str | None, day: date, of_client: Sequence[Terms]
) -> str | None:
    """The contract a cost belongs to: the one it names, else its ticket's, else the one contract
    of its client in force on `day`."""
    if named or of_ticket:
        return named or of_ticket
    open_then = [one.contract.id for one in of_client if one.in_force(day)]
    return open_then[0] if len(open_then) == 1 else None
