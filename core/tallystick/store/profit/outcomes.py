"""Outcomes: what the rules say of each kind of work there is, in tables the database stamps from.

    worked   every booking, with what its contract and cost depend on
    routed   for work that says the same, from a day on: its contract
    costed   for so long work of one technician, from a day on: its cost

The rules are asked once for each row of `routed` and `costed`, however many bookings are like it,
and the database joins the three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Insert,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)

from tallystick.billing.routing import turns
from tallystick.books.effort import UNCOSTED, UNEXCHANGED, Costing, Effort, rates_by_technician
from tallystick.store.bulk import execute_tuples
from tallystick.store.facts.agreements import NOBODY, agreements
from tallystick.store.facts.rates import cost_rates
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.outcome_schema import costed, routed, worked
from tallystick.store.profit.schema import effort
from tallystick.store.profit.stamps import ROUTED_BY, place_of, works

T = TypeVar("T")
Span = tuple[date, date]
"""Since when and until when."""
CHUNK = 2000
QUOTED = {"sqlite": func.quote, "postgresql": func.quote_nullable}
"""Text in quotes, and what is missing as NULL: nothing else is written so."""
SAID = tuple(name for name in ROUTED_BY if name != "work_date")
"""What `route` asks of work beside its day."""
COLUMNS = effort.c.keys()
ROUTED, COSTED = insert(routed), insert(costed)
OF_WORK = and_(
    routed.c.said == worked.c.said,
    routed.c.since <= worked.c.work_date,
    worked.c.work_date < routed.c.until,
)
NAMED = func.coalesce(worked.c.technician, "")
OF_COST = and_(
    costed.c.technician == NAMED,
    costed.c.seconds == worked.c.seconds,
    costed.c.into == routed.c.currency,
    costed.c.since <= worked.c.work_date,
    worked.c.work_date < costed.c.until,
)


@contextmanager
def outcomes(connection: Connection, terms: CellTerms) -> Iterator[int]:
    """Make the tables; gives how many bookings there are."""
    tables = (worked, routed, costed)
    for table in tables:
        table.create(connection, checkfirst=False)
    connection.execute(_working(terms, connection.dialect.name))
    _counted(connection, worked)
    day = worked.c.work_date
    days = select(func.count(day), func.min(day), func.max(day))
    count, first, last = connection.execute(days).one()
    if count:
        _route(connection, terms, first, last)
        _counted(connection, routed)
        _cost(connection, terms, first, last)
        _counted(connection, costed)
    yield count
    for table in tables:
        table.drop(connection, checkfirst=False)


def stamps() -> Select[Any]:
    """One row of `effort` for each booking, its columns in their order."""
    work, place, spent = worked.c, routed.c, costed.c
    told = {
        "client": func.coalesce(work.client, ""),
        "contract": place.contract,
        "bookings": literal_column("1"),
        "currency": case((spent.currency == "", place.some), else_=spent.currency),
        "labour_minor": spent.labour_minor,
        "overhead_minor": spent.overhead_minor,
        "uncosted_seconds": work.seconds * spent.uncosted,
        "unexchanged_seconds": work.seconds * spent.unexchanged,
        "unpaid_seconds": case((work.billable == "billable", 0), else_=work.seconds),
        "unapproved_seconds": case((work.approved.is_(False), work.seconds), else_=0),
    }
    columns = [told[name] if name in told else work[name] for name in COLUMNS]
    named = [one.label(name) for one, name in zip(columns, COLUMNS, strict=True)]
    return select(*named).select_from(
        worked.join(routed, OF_WORK, isouter=True).join(costed, OF_COST, isouter=True)
    )


def _working(terms: CellTerms, dialect: str) -> Insert:
    asked = works(terms)
    columns = asked.selected_columns
    said: ColumnElement[str] = literal("")
    for name in SAID:
        said = said + QUOTED[dialect](columns[name], type_=Text) + literal(",")
    month = _month(columns["work_date"], dialect)
    names = [*columns.keys(), "month", "said"]
    return insert(worked).from_select(names, asked.add_columns(month, said))


def _month(day: ColumnElement[date], dialect: str) -> ColumnElement[Any]:
    """The first day of its month."""
    if dialect == "sqlite":
        return func.date(day, "start of month")
    return cast(func.date_trunc("month", day), Date)


def _counted(connection: Connection, table: Table) -> None:
    """PostgreSQL plans by what it knows of a table; SQLite goes from left to right here."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))


def _route(connection: Connection, terms: CellTerms, first: date, last: date) -> None:
    kinds = select(worked.c.said, *(worked.c[name] for name in SAID)).distinct()
    found = connection.execute(kinds.order_by(worked.c.client).execution_options(yield_per=CHUNK))
    for rows in found.partitions(CHUNK):
        of_client = agreements(connection, terms, {one.client for one in rows} - {None})
        turning = {ref: turns(agreed.readable) for ref, agreed in of_client.items()}
        routes = []
        for row in rows:
            agreed = of_client.get(row.client, NOBODY)
            place_on = partial(place_of, row, agreed=agreed, terms=terms)
            for span, place in _told(turning.get(row.client, ()), first, last, place_on):
                routes.append((row.said, *span, *place))
        execute_tuples(connection, ROUTED, routed.c.keys(), routes)


def _cost(connection: Connection, terms: CellTerms, first: date, last: date) -> None:
    kinds = select(NAMED.label("technician"), worked.c.seconds, routed.c.currency).distinct()
    of_work = worked.join(routed, OF_WORK, isouter=True)
    found = connection.execute(kinds.select_from(of_work).execution_options(yield_per=CHUNK))
    rates = rates_by_technician(cost_rates(connection, terms.home("cost_rate")))
    costing = Costing(terms.overheads, terms.exchange)

    @cache
    def spans(technician: str, into: str) -> list[tuple[Span, Callable[[int], Effort]]]:
        known = rates.get(technician, ())
        costs_on = partial(costing.on, rates=known, into=into)
        return [*_told(costing.turns(known), first, last, costs_on)]

    for rows in found.partitions(CHUNK):
        costs = []
        for technician, seconds, into in rows:
            for span, costs_of in spans(technician, into):
                currency, labour, overhead, problem = costs_of(seconds)
                uncosted, unexchanged = int(problem == UNCOSTED), int(problem == UNEXCHANGED)
                told = (technician, seconds, into, *span, currency, labour, overhead)
                costs.append((*told, uncosted, unexchanged))
        execute_tuples(connection, COSTED, costed.c.keys(), costs)


def _told(
    turning: Sequence[date], first: date, last: date, told: Callable[[date], T]
) -> Iterator[tuple[Span, T]]:
    """What is `told` of the days from `first` to `last`, which may change on those `turning`: once
    for all days on end that are told the same."""
    begun = [(first, told(first))]
    for day in turning:
        if first < day <= last and (now := told(day)) != begun[-1][1]:
            begun.append((day, now))
    ends = [*(since for since, _ in begun[1:]), date.max]
    for (since, what), until in zip(begun, ends, strict=True):
        yield (since, until), what
