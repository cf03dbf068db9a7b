"""Each contract's whole months: what the work cost, what it earned, what there was to serve."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import Connection, func, select

from tallystick.billing.assemble import assemble
from tallystick.billing.facts import Facts, contract_end
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.history import History, Month
from tallystick.insight.scope import FEES, scope_from
from tallystick.money import Money, total
from tallystick.period import Period, add_months
from tallystick.records import Asset, Contact, Cost
from tallystick.store.cell_terms import CellTerms
from tallystick.store.database import Database
from tallystick.store.facts import client_facts, record_of
from tallystick.store.facts_schema import FACTS
from tallystick.store.ledger_schema import posting
from tallystick.store.rebuilding import ensure
from tallystick.views.month_costs import MonthCost, month_costs
from tallystick.views.worked import Worked, known_days, worked

WHOLE_WITHIN_DAYS = 7
"""A month whose first booking of all is this early counts as whole: it began with a holiday."""

Earned = Mapping[str, Mapping[date, Sequence[tuple[str, Money]]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same for every contract. `works` is its work; `earned` its revenue by month:
    line and amount; `costs` are what it cost besides time."""

    since: date
    until: date
    works: Mapping[str, Sequence[Worked]]
    cells: CellTerms
    earned: Earned
    costs: Mapping[str, Sequence[Cost]]


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
        since, until = _known_months(connection, today)
        works = worked(connection, since, until, only)
        loose = Counter[str]()
        for one in works.get("", ()):
            loose[one.client] += one.seconds
        known = _Known(
            since=since,
            until=until,
            works=works,
            cells=cells,
            earned=_earned(connection, until),
            costs=_costs(connection, terms.homes.get("cost", "")),
        )
        return [
            _history(facts.client.name, own, known, loose[facts.client.id])
            for facts in client_facts(connection, terms.homes, date.min, terms.zone, only)
            for own in assemble(facts, terms.models).contracts
            if own.contract.starts_on <= today < contract_end(own.contract)
        ]


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


def _earned(connection: Connection, until: date) -> Earned:
    """Recognised revenue by contract and service month: what the journal credits to income."""
    found: dict[str, dict[date, list[tuple[str, Money]]]] = defaultdict(lambda: defaultdict(list))
    statement = (
        select(
            posting.c.contract,
            posting.c.service_month,
            posting.c.line,
            posting.c.currency,
            func.sum(-posting.c.amount_minor).label("sum"),
        )
        .where(posting.c.account.startswith("Income:"), posting.c.service_month < until)
        .group_by(posting.c.contract, posting.c.service_month, posting.c.line, posting.c.currency)
    )
    for row in connection.execute(statement):
        amount = Money(int(row.sum), row.currency)
        found[row.contract][row.service_month].append((row.line, amount))
    return found


def _costs(connection: Connection, home: str) -> dict[str, list[Cost]]:
    """What contracts cost besides time, by the contract each record names."""
    table = FACTS["cost"]
    found: dict[str, list[Cost]] = defaultdict(list)
    rows = connection.execute(
        select(table).where(table.c.connection == home, table.c.contract.is_not(None))
    )
    for row in rows:
        found[f"{home}:{row.contract}"].append(record_of(row, Cost))
    return found


def _history(client: str, own: Facts, known: _Known, unrouted_s: int) -> History:
    contract = own.contract
    since = max(known.since, _whole_from(contract.starts_on, 1))
    whole = Period(since, known.until).months() if since < known.until else []
    works, costs = known.works.get(contract.id, ()), known.costs.get(contract.id, ())
    spent = month_costs(own, works, costs, known.cells)
    fees = {line.id for line in own.lines if line.model in FEES}
    return History(
        contract=contract.id,
        client=client,
        name=contract.name,
        currency=contract.currency,
        months=tuple(_month(own, one, spent[one.start], fees, known) for one in whole),
        scope_from=scope_from(contract, own.lines, known.until),
        ends_on=None if contract_end(contract) == date.max else contract_end(contract),
        notes=tuple(_notes(own, known, unrouted_s)),
    )


def _notes(own: Facts, known: _Known, unrouted_s: int) -> Iterator[str]:
    """What is known of the client or the contract and in none of its months."""
    if unrouted_s:
        yield f"{unrouted_s / 3600:.1f} h of the client's work fall under no contract"
    foreign = {
        amount.currency
        for month, amounts in known.earned.get(own.contract.id, {}).items()
        if month >= known.since
        for _, amount in amounts
        if amount.currency != own.contract.currency
    }
    for currency in sorted(foreign):
        yield f"revenue in {currency} is left out, the contract is in {own.contract.currency}"


def _month(own: Facts, whole: Period, spent: MonthCost, fees: set[str], known: _Known) -> Month:
    currency = own.contract.currency
    earned = [
        (line, amount)
        for line, amount in known.earned.get(own.contract.id, {}).get(whole.start, ())
        if amount.currency == currency
    ]
    devices = [one for one in own.assets if _there(one, whole.last_day)]
    ages = [(whole.last_day - one.active_from).days for one in devices if one.active_from]
    return Month(
        first=whole.start,
        cost=total(spent.costs, currency),
        seconds=spent.seconds,
        fees=total((amount for line, amount in earned if line in fees), currency),
        variable=total((amount for line, amount in earned if line not in fees), currency),
        missing=spent.told_missing,
        devices=len(devices),
        users=sum(1 for one in own.users if _there(one, whole.last_day)),
        device_days=round(Fraction(sum(ages), len(ages))) if ages else 0,
        causes={cause: total(costs, currency) for cause, costs in spent.causes.items()},
    )


def _there(one: Asset | Contact, day: date) -> bool:
    return (one.active_from or date.min) <= day < (one.retired_on or date.max)
