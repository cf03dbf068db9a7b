"""What each month of a contract cost: labour with its overhead, usage, and direct cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from tallystick.billing.facts import Facts
from tallystick.books.direct import service_of, shares_of
from tallystick.books.effort import UNCOSTED, UNEXCHANGED
from tallystick.books.exchange import convert
from tallystick.insight.history import Cause
from tallystick.money import Money
from tallystick.records import Cost
from tallystick.store.cell_terms import CellTerms
from tallystick.views.worked import Worked


@dataclass(slots=True)
class MonthCost:
    """What one month of a contract came to, and what is missing to tell all of it."""

    costs: list[Money] = field(default_factory=list)
    seconds: int = 0
    missing: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Seconds without a cost by the reason."""
    unconverted: set[str] = field(default_factory=set)
    causes: dict[Cause, list[Money]] = field(default_factory=lambda: defaultdict(list))

    @property
    def told_missing(self) -> tuple[str, ...]:
        hours = (f"{s / 3600:.1f} h {why}" for why, s in sorted(self.missing.items()) if s)
        return (*hours, *sorted(self.unconverted))

    def add(self, amount: Money, *causes: Cause) -> None:
        self.costs.append(amount)
        for cause in causes:
            self.causes[cause].append(amount)


def month_costs(
    own: Facts,
    works: Iterable[Worked],
    costs: Iterable[Cost],
    cells: CellTerms,
) -> defaultdict[date, MonthCost]:
    """Work as it is kept and usage at its own cost, in the contract's currency, by month."""
    months: defaultdict[date, MonthCost] = defaultdict(MonthCost)
    currency = own.contract.currency
    for work in works:
        month = months[work.month]
        month.seconds += work.seconds
        month.missing[UNCOSTED] += work.uncosted_seconds
        month.missing[UNEXCHANGED] += work.unexchanged_seconds
        if work.cost_minor:
            month.add(Money(work.cost_minor, work.currency), *_causes(work))
    for meter, day, amount in _bought(own):
        month = months[day.replace(day=1)]
        told = convert(amount, currency, day, cells.exchange)
        if told is None:
            pair = f"{amount.currency}/{currency}"
            month.unconverted.add(f"usage of {meter} without an exchange rate {pair}")
        else:
            month.add(told, Cause("usage", meter))
    for one in costs:
        what = one.kind or "cost"
        service = service_of(one.spent_on, one.starts_on, one.ends_on)
        parts = shares_of(one.amount, one.currency, service, currency, currency, cells.exchange)
        for share in parts:
            if share.minor is None:
                pair = f"{one.currency}/{currency}"
                months[share.month].unconverted.add(f"{what} without an exchange rate {pair}")
            else:
                months[share.month].add(Money(share.minor, currency), Cause("cost", what))
    return months


def _causes(work: Worked) -> Iterator[Cause]:
    if work.ticket_type:
        yield Cause("ticket type", work.ticket_type)
    if work.work_type:
        yield Cause("work type", work.work_type)


def _bought(own: Facts) -> Iterator[tuple[str, date, Money]]:
    """Direct cost: usage that names this contract and says what it cost."""
    for one in own.usages:
        if one.contract == own.contract.id and one.cost is not None and one.currency:
            yield one.meter, one.used_on, Money.rounded(one.cost, one.currency)
