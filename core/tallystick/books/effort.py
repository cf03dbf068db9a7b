"""Effort: what a booking cost, by the technician's rate on the day of the work.

    labour    seconds x hourly rate in force on the work date
    overhead  the load on those seconds that day (`tallystick.books.overhead`)

Each is rounded once per booking, then exchanged into the currency it is compared in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from tallystick.billing.facts import Work
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.books.overhead import Overhead, load, overhead_on
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.records import CostRate

RatesOf = Mapping[str, Sequence[CostRate]]


class Effort(NamedTuple):
    """The cost of one booking in minor units of `currency`; without a cost rate or an exchange
    rate it is zero and `problem` says why."""

    currency: str
    labour_minor: int = 0
    overhead_minor: int = 0
    problem: str = ""


UNCOSTED = "without a cost rate"
UNEXCHANGED = "without an exchange rate"


def rates_by_technician(rates: Iterable[CostRate]) -> dict[str, list[CostRate]]:
    """Each technician's rates, the latest first; of two from the same day the higher id."""
    found: dict[str, list[CostRate]] = {}
    for rate in sorted(rates, key=lambda one: (one.valid_from, one.id), reverse=True):
        found.setdefault(rate.technician, []).append(rate)
    return found


def rate_on(day: date, rates: Iterable[CostRate]) -> CostRate | None:
    """The rate in force on `day` among one technician's, the latest first."""
    for rate in rates:
        if rate.valid_from <= day:
            return rate
    return None


def labour(seconds: int, rate: CostRate) -> Money:
    """`seconds` at the hourly rate, rounded half away from zero in the rate's currency."""
    hourly, parts = rate.hourly.as_integer_ratio()
    return Money.quotient(hourly * seconds, parts * 3600, rate.currency)


def cost(work: Work, rates: RatesOf) -> Money | None:
    """The labour of a booking; None when the technician has no rate then."""
    rate = rate_on(work.work_date, rates.get(work.technician or "", ()))
    return labour(work.seconds, rate) if rate else None


def effort(
    seconds: int,
    day: date,
    rate: CostRate | None,
    into: str,
    overheads: Sequence[Overhead],
    exchange: Sequence[ExchangeRate],
) -> Effort:
    """What the booking cost in currency `into`, or in the rate's own where `into` is empty."""
    return costs(day, rate, into, overheads, exchange)(seconds)


def costs(
    day: date,
    rate: CostRate | None,
    into: str,
    overheads: Sequence[Overhead],
    exchange: Sequence[ExchangeRate],
) -> Callable[[int], Effort]:
    """As `effort`, of however many seconds that day."""
    if rate is None:
        return lambda _: Effort(into, problem=UNCOSTED)
    currency = into or rate.currency
    overhead = overhead_on(day, overheads)

    def of(seconds: int) -> Effort:
        try:
            worked = convert(labour(seconds, rate), currency, day, exchange)
            loaded = convert(load(seconds, rate, overhead), currency, day, exchange)
        except Stop:  # a currency ISO 4217 does not know
            return Effort(into, problem=UNEXCHANGED)
        if worked is None or loaded is None:
            return Effort(currency, problem=UNEXCHANGED)
        return Effort(currency, worked.minor, loaded.minor)

    return of


class Costing:
    """`effort` of many bookings: what so long a booking at a rate costs is the same on all days
    between two on which a load or an exchange rate begins, and is reckoned once for them. Rates are
    told apart by their ids."""

    def __init__(self, overheads: Sequence[Overhead], exchange: Sequence[ExchangeRate]) -> None:
        self._terms = (overheads, exchange)
        begins = {one.valid_from for one in overheads} | {one.valid_from for one in exchange}
        self._begins = sorted(begins)
        self._known: dict[tuple[str | None, str, int], Callable[[int], Effort]] = {}

    def turns(self, rates: Iterable[CostRate]) -> list[date]:
        """The days on which the cost of a technician with such `rates` may begin to be another."""
        return sorted({*self._begins, *(one.valid_from for one in rates)})

    def on(self, day: date, rates: Sequence[CostRate], into: str) -> Callable[[int], Effort]:
        """As `costs`, at the rate in force that day among one technician's, the latest first."""
        rate = rate_on(day, rates)
        key = (rate.id if rate else None, into, bisect_right(self._begins, day))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = cache(costs(day, rate, into, *self._terms))
        return found
