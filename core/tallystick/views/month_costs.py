"""What each month of a contract cost: labour with its overhead, usage, and direct cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from typing import Any

from tallystick.books.direct import service_of, shares_of
from tallystick.books.effort import UNCOSTED, UNEXCHANGED
from tallystick.books.exchange import convert
from tallystick.insight.history import Cause
from tallystick.money import Money
from tallystick.records import Contract, Cost, Usage
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.views.worked import Worked

NONE: Mapping[Any, int] = {}
"""What most months have; they are many."""


class MonthCost:
    """What one month of a contract came to, and what is missing to tell all of it."""

    __slots__ = ("bought", "minor", "missing", "seconds", "unconverted")

    def __init__(self) -> None:
        self.minor = 0
        self.seconds = 0
        self.missing: Mapping[str, int] = NONE
        """Seconds without a cost by the reason."""
        self.unconverted: Set[str] = frozenset()
        self.bought: Mapping[Cause, int] = NONE
        """What was not work, by its cause; part of `minor`."""

    @property
    def told_missing(self) -> tuple[str, ...]:
        if not self.missing and not self.unconverted:
            return ()
        hours = (f"{s / 3600:.1f} h {why}" for why, s in sorted(self.missing.items()) if s)
        return (*hours, *sorted(self.unconverted))

    def lack(self, why: str, seconds: int) -> None:
        self.missing = {**self.missing, why: self.missing.get(why, 0) + seconds}

    def buy(self, minor: int, cause: Cause) -> None:
        self.minor += minor
        self.bought = {**self.bought, cause: self.bought.get(cause, 0) + minor}

    def leave_out(self, what: str) -> None:
        self.unconverted |= {what}


def month_costs(
    contract: Contract,
    works: Iterable[Worked],
    usages: Iterable[Usage],
    costs: Iterable[Cost],
    cells: CellTerms,
) -> defaultdict[date, MonthCost]:
    """Work as it is kept and usage at its own cost, in the contract's currency, by month."""
    months: defaultdict[date, MonthCost] = defaultdict(MonthCost)
    foreign: Counter[tuple[date, str]] = Counter()
    currency = contract.currency
    for work in works:
        month = months[work.month]
        month.seconds += work.seconds
        if work.uncosted_seconds:
            month.lack(UNCOSTED, work.uncosted_seconds)
        if work.unexchanged_seconds:
            month.lack(UNEXCHANGED, work.unexchanged_seconds)
        if work.currency == currency:
            month.minor += work.cost_minor
        else:
            foreign[work.month, work.currency] += work.cost_minor
    for (first, other), minor in foreign.items():
        if minor:  # a closed month keeps the currency the contract had
            months[first].leave_out(f"work that was costed in {other}")
    for meter, day, amount in _bought(usages):
        month = months[day.replace(day=1)]
        told = convert(amount, currency, day, cells.exchange)
        if told is None:
            pair = f"{amount.currency}/{currency}"
            month.leave_out(f"usage of {meter} without an exchange rate {pair}")
        else:
            month.buy(told.minor, Cause("usage", meter))
    for one in costs:
        what = one.kind or "cost"
        service = service_of(one.spent_on, one.starts_on, one.ends_on)
        parts = shares_of(one.amount, one.currency, service, currency, currency, cells.exchange)
        for share in parts:
            if share.minor is None:
                pair = f"{one.currency}/{currency}"
                months[share.month].leave_out(f"{what} without an exchange rate {pair}")
            else:
                months[share.month].buy(share.minor, Cause("cost", what))
    return months


def _bought(usages: Iterable[Usage]) -> Iterator[tuple[str, date, Money]]:
    """Direct cost: usage that says what it cost."""
    for one in usages:
        if one.cost is not None and one.currency:
            yield one.meter, one.used_on, Money.rounded(one.cost, one.currency)
