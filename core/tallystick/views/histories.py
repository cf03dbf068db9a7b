"""Each contract's whole months: what the work cost, what it earned, what there was to serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, select

from tallystick.billing.facts import contract_end
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.history import Cause, History, Month
from tallystick.insight.scope import scope_from
from tallystick.money import Money
from tallystick.period import Period, add_months
from tallystick.records import Cost, Usage
from tallystick.store.database import Database
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.rebuilding import ensure
from tallystick.views.agreed import Agreed, agreed_on
from tallystick.views.earned import Earned, earned
from tallystick.views.month_costs import MonthCost, month_costs
from tallystick.views.served import Serving, serving
from tallystick.views.worked import Causes, Worked, causes, known_days, worked

WHOLE_WITHIN_DAYS = 7
"""A month whose first booking of all is this early counts as whole: it began with a holiday."""
NOTHING = MonthCost()
Named = TypeVar("Named", Cost, Usage)


class Known(NamedTuple):
    """What is the same for every contract: `whole` months by their first and last day; `loose` are
    the seconds of each client's work under no contract, the rest is by contract: `usages` and
    `costs` are those that name it."""

    whole: Sequence[tuple[date, date]]
    until: date
    works: Mapping[str, Sequence[Worked]]
    loose: Mapping[str, int]
    earned: Earned
    serving: Serving
    usages: Mapping[str, Sequence[Usage]]
    costs: Mapping[str, Sequence[Cost]]
    cells: CellTerms


def histories(
    database: Database,
    terms: BillingTerms,
    today: date,
    cells: CellTerms,
    only: str | None = None,
) -> list[History]:
    """Every contract in force, or those of client `only`, with its whole months before `today`, at
    the cost that profit knows: labour with its overhead, usage, and `cost` records that name the
    contract. Bookings are not read again: what they came to is kept."""
    ensure(database, cells)
    with database.read() as connection:
        return told_apart(connection, read_histories(connection, terms, today, cells, only))


def read_histories(
    connection: Connection,
    terms: BillingTerms,
    today: date,
    cells: CellTerms,
    only: str | None = None,
) -> list[History]:
    """The same without the kinds of work that caused the cost, which take long to tell apart."""
    since, until = _known_months(connection, today)
    works = worked(connection, since, until, only)
    loose: dict[str, int] = defaultdict(int)
    for one in works.get("", ()):
        loose[one.client] += one.seconds
    agreed = agreed_on(connection, terms, today, only)
    known = Known(
        whole=_whole(since, until),
        until=until,
        works=works,
        loose=loose,
        earned=earned(connection, agreed, since, until, only),
        serving=serving(connection, terms.homes, only),
        usages=_naming(connection, Usage, "usage", terms.homes),
        costs=_naming(connection, Cost, "cost", terms.homes),
        cells=cells,
    )
    return [_history(one, known) for one in agreed]


def told_apart(connection: Connection, some: Sequence[History]) -> list[History]:
    """`some` histories with what each kind of work cost in every month."""
    months = [month.first for one in some for month in one.months]
    if not months:
        return list(some)
    refs: Collection[str] | None = [one.contract for one in some]
    if len(some) > MANY:
        refs = None
    found = causes(connection, min(months), add_months(max(months), 1, 1), refs)
    return [_told_apart(one, found) for one in some]


MANY = 1000
"""So many contracts are asked for by name; of more, all work is read."""


def _told_apart(history: History, of: Causes) -> History:
    own = of.get(history.contract, {})
    return replace(
        history,
        months=tuple(
            replace(month, causes=_money(own[month.first], history.currency) | dict(month.causes))
            if month.first in own
            else month
            for month in history.months
        ),
    )


def _money(causes: Mapping[Cause, int], currency: str) -> dict[Cause, Money]:
    return {cause: Money(minor, currency) for cause, minor in causes.items() if minor}


def _whole(since: date, until: date) -> list[tuple[date, date]]:
    months = Period(since, until).months() if since < until else []
    return [(month.start, month.last_day) for month in months]


def _known_months(connection: Connection, today: date) -> tuple[date, date]:
    """The first month all of whose work is known, and the first that is not over or not read."""
    this_month = today.replace(day=1)
    days = known_days(connection, this_month)
    if days is None:
        return this_month, this_month
    first, last = days
    return _whole_from(first, WHOLE_WITHIN_DAYS), add_months(last, 1, 1)


def _whole_from(day: date, within_days: int) -> date:
    """The month of `day` if it is among its first `within_days`, otherwise the next."""
    return add_months(day, 0 if day.day <= within_days else 1, 1)


def _naming(
    connection: Connection, record: type[Named], kind: str, homes: Mapping[str, str]
) -> dict[str, list[Named]]:
    """What contracts cost besides time, by the contract each record names."""
    table, home = FACTS[kind], homes.get(kind, "")
    asked = select(table).where(table.c.connection == home, table.c.contract.is_not(None))
    if kind == "usage":
        asked = asked.where(table.c.cost.is_not(None))
    found: dict[str, list[Named]] = defaultdict(list)
    for row in connection.execute(asked):
        found[f"{home}:{row.contract}"].append(record_of(row, record))
    return found


def _history(one: Agreed, known: Known) -> History:
    contract = one.contract
    first = _whole_from(contract.starts_on, 1)
    spent = month_costs(
        contract,
        known.works.get(contract.id, ()),
        known.usages.get(contract.id, ()),
        known.costs.get(contract.id, ()),
        known.cells,
    )
    return History(
        contract=contract.id,
        client=one.client_name,
        name=contract.name,
        currency=contract.currency,
        months=tuple(_months(one, [w for w in known.whole if w[0] >= first], spent, known)),
        scope_from=scope_from(contract, one.lines, known.until),
        ends_on=None if contract_end(contract) == date.max else contract_end(contract),
        notes=tuple(_notes(one, known)),
    )


def _notes(one: Agreed, known: Known) -> Iterator[str]:
    """What is known of the client or the contract and in none of its months."""
    if unrouted_s := known.loose.get(one.contract.client, 0):
        yield f"{unrouted_s / 3600:.1f} h of the client's work fall under no contract"
    for currency in sorted(known.earned.foreign.get(one.contract.id, ())):
        yield (f"revenue in {currency} is left out, the contract is in {one.contract.currency}")


def _months(
    one: Agreed,
    whole: Sequence[tuple[date, date]],
    spent: Mapping[date, MonthCost],
    known: Known,
) -> Iterator[Month]:
    currency = one.contract.currency
    sums = known.earned.of(one.contract.id)
    served_on = known.serving.of(one.contract.client)
    for first, last in whole:
        fees, variable = sums.get(first, (0, 0))
        cost = spent.get(first, NOTHING)
        devices, users, device_days = served_on(last)
        yield Month(
            first=first,
            cost=Money(cost.minor, currency),
            seconds=cost.seconds,
            fees=Money(fees, currency),
            variable=Money(variable, currency),
            missing=cost.told_missing,
            devices=devices,
            users=users,
            device_days=device_days,
            causes=_money(cost.bought, currency) if cost.bought else {},
        )
