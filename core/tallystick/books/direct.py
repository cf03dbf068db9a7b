"""Direct cost: licences, parts and travel, each month with its share.

2026-09-20               all of it in September
2026-09-16..2026-10-16   15 of 30 days in September, 15 in October
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tallystick.billing.months import by_month
from tallystick.billing.routing import Terms
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period


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
