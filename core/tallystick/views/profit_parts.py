"""Profit by what the work was: tickets, technicians, assets and kinds of both, and by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from tallystick.cycle.pricing_client import price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.allocation import CellKey, Worked, allocate
from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger
from tallystick.money import Money, split
from tallystick.period import Period
from tallystick.store.effort_schema import direct_cost, effort, profit_cell
from tallystick.store.facts import client_facts
from tallystick.store.journal_schema import posting

PARTS = {
    "ticket": ("ticket", "no ticket"),
    "ticket-type": ("ticket_type", "no ticket type"),
    "technician": ("technician", "nobody named"),
    "asset": ("asset", "no asset"),
    "work-type": ("work_type", "no work type"),
}
"""The column of `effort` a table goes by, and what is said where it is empty."""
NO_LINE = "no line"
KEY = ("contract", "client", "month", "currency")
OF_EFFORT = tuple(name for name in Figures._fields if name in effort.c)


def by_part(connection: Connection, period: Period, by: str, driver: Driver) -> Ledger:
    """Every cell of the period shared out to the parts `by` names."""
    cells = {_key(row): figures_of(row) for row in _cells(connection, period)}
    worked = [*_effort(connection, period, by), *_direct(connection, period, by)]
    return allocate(cells, worked, driver)


def _cells(connection: Connection, period: Period) -> Any:
    of = profit_cell.c.month
    return connection.execute(select(profit_cell).where(of >= period.start, of < period.end))


def figures_of(row: Any) -> Figures:
    return Figures(*(int(getattr(row, name)) for name in Figures._fields))


def _key(row: Any) -> CellKey:
    return CellKey(row.contract, row.client, row.month, row.currency)


def _effort(connection: Connection, period: Period, by: str) -> Iterator[Worked]:
    name, nothing = PARTS[by]
    column = effort.c[name]
    keys = [effort.c[one] for one in KEY]
    sums = [func.sum(effort.c[one]).label(one) for one in OF_EFFORT]
    statement = (
        select(*keys, column.label("part"), *sums)
        .where(effort.c.month >= period.start, effort.c.month < period.end)
        .group_by(*keys, column)
    )
    for row in connection.execute(statement):
        figures = {one: int(getattr(row, one)) for one in OF_EFFORT}
        yield Worked(_key(row), row.part or nothing, Figures(**figures))


def _direct(connection: Connection, period: Period, by: str) -> Iterator[Worked]:
    """Costs that name a ticket go to it; in any other table they are shared out."""
    if by != "ticket":
        return
    keys = [direct_cost.c[one] for one in KEY]
    sums = [
        func.sum(direct_cost.c[one]).label(one) for one in ("direct_minor", "unexchanged_costs")
    ]
    statement = (
        select(*keys, direct_cost.c.ticket.label("part"), *sums)
        .where(direct_cost.c.month >= period.start, direct_cost.c.month < period.end)
        .where(direct_cost.c.ticket.is_not(None))
        .group_by(*keys, direct_cost.c.ticket)
    )
    for row in connection.execute(statement):
        figures = Figures(
            direct_minor=int(row.direct_minor), unexchanged_costs=int(row.unexchanged_costs)
        )
        yield Worked(_key(row), row.part, figures)


def by_line(connection: Connection, terms: BillingTerms, period: Period) -> Ledger:
    """Revenue of each contract line as the journal has it, and the effort of the bookings the
    line took. Direct cost, and work no line took, is in the row `no line`."""
    ledger = Ledger()
    for row in connection.execute(_revenue_by_line(period)):
        revenue = Figures(revenue_minor=int(row.minor))
        ledger.add(row.line or NO_LINE, row.currency, revenue)
    for row in _cells(connection, period):
        rest = figures_of(row)
        spent = Figures(direct_minor=rest.direct_minor, unexchanged_costs=rest.unexchanged_costs)
        if any(spent):
            ledger.add(NO_LINE, row.currency, spent)
    taken = _taken(connection, terms, period)
    rows = select(effort).where(effort.c.month >= period.start, effort.c.month < period.end)
    for row in connection.execute(rows):
        figures = Figures(**{one: int(getattr(row, one)) for one in OF_EFFORT})
        for line, part in _by_placement(figures, taken.get(row.booking, {}), row.currency):
            ledger.add(line, row.currency, part)
    return ledger


def _revenue_by_line(period: Period) -> Select[Any]:
    return (
        select(posting.c.line, posting.c.currency, func.sum(-posting.c.amount_minor).label("minor"))
        .where(posting.c.account.startswith("Income:"))
        .where(posting.c.reported_in >= period.start, posting.c.reported_in < period.end)
        .group_by(posting.c.line, posting.c.currency)
    )


def _taken(
    connection: Connection, terms: BillingTerms, period: Period
) -> Mapping[str, dict[str, int]]:
    """The seconds of each booking by the line that took them, as pricing places them."""
    found: dict[str, dict[str, int]] = {}
    for facts in client_facts(connection, terms.homes, period.end, terms.zone):
        if not any(period.covers(work.work_date) for work in facts.works):
            continue
        for one in price_client(facts, terms, period.end).placements:
            own = found.setdefault(one.booking, {})
            line = one.line or NO_LINE
            own[line] = own.get(line, 0) + one.seconds
    return found


def _by_placement(
    figures: Figures, taken: Mapping[str, int], currency: str
) -> Iterator[tuple[str, Figures]]:
    """One booking's figures over the lines that took it, in proportion to their seconds."""
    lines = sorted(taken)
    weights = [taken[line] for line in lines]
    if len(lines) < 2 or not any(weights):
        yield (lines[0] if lines else NO_LINE), figures
        return
    shares = [[part.minor for part in split(Money(value, currency), weights)] for value in figures]
    for line, *values in zip(lines, *shares, strict=True):
        yield line, Figures(*values)
