"""Stamps: rows of `effort` and `direct_cost`, made from the facts they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select

from tallystick.billing.facts import Work
from tallystick.billing.routing import ASKED, route
from tallystick.books.direct import bearer, service_of, shares_of
from tallystick.books.effort import UNCOSTED, UNEXCHANGED, Costing, rates_by_technician
from tallystick.store.binding import many
from tallystick.store.facts import owners
from tallystick.store.facts.agreements import NOBODY, Agreements, agreements
from tallystick.store.facts.rates import cost_rates
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.stamped import EFFORT, Stamp
from tallystick.store.wanted import Found, Wanted, fetch

booking = FACTS["booking"]
NO_STAMPS: Mapping[str, Stamp] = {}
ROUTED_BY = ("ticket_contract", *("named" if name == "contract" else name for name in ASKED))
"""What decides to which contract a booking belongs, as `effort` names it."""


class Working(NamedTuple):
    """A booking with what its contract and cost depend on, as `owners.efforts` tells it."""

    booking: str
    client: str | None
    work_date: date
    work_type: str | None
    ticket_type: str | None
    priority: str | None
    billable: str
    named: str | None
    ticket_contract: str | None
    technician: str | None
    ticket: str | None
    asset: str | None
    seconds: int
    approved: bool | None


SAID_BEFORE = itemgetter(*map(EFFORT.names.index, ROUTED_BY))
SAID_NOW = itemgetter(*map(Working._fields.index, ROUTED_BY))


class Place(NamedTuple):
    """The contract a booking belongs to with its currency, both empty where there is none, and the
    currency its cost is told in when nothing else says one."""

    contract: str
    currency: str
    some: str


def works(terms: CellTerms) -> Select[Any]:
    """The bookings of the home connection, each with the contract its ticket names."""
    return _works(terms.home("booking"), terms.home("ticket"))


def works_of(connection: Connection, terms: CellTerms, ids: Sequence[str]) -> Found:
    """As `works`, of the bookings `ids`."""
    statement = _works_of(terms.home("booking"), terms.home("ticket"))
    return fetch(connection, statement, ids=ids)


@cache
def _works(home: str, of_tickets: str) -> Select[Any]:
    return owners.efforts(ticket_counts=home == of_tickets).where(booking.c.connection == home)


@cache
def _works_of(home: str, of_tickets: str) -> Select[Any]:
    return _works(home, of_tickets).where(Wanted(booking.c.id))


def effort_of(
    connection: Connection,
    terms: CellTerms,
    rows: Sequence[Sequence[Any]],
    before: Mapping[str, Stamp] = NO_STAMPS,
) -> Iterator[Stamp]:
    """One stamp for each row of `works`. `before` are stamps of some, by ref, under the agreements
    of now: work that still says the same to what routes it belongs to the same contract."""
    places = [_as_before(row, before) for row in rows]
    moved = {row[1] for row, place in zip(rows, places, strict=True) if place is None}
    of_client = agreements(connection, terms, moved - {None})
    technicians = {row[9] for row in rows} - {None}
    rates = rates_by_technician(cost_rates(connection, terms.home("cost_rate"), technicians))
    costing = Costing(terms.overheads, terms.exchange)
    for row, place in zip(rows, places, strict=True):
        ref, client, day, _, _, _, billable, _, _, technician, _, _, seconds, approved = row
        if place is None:
            agreed = of_client.get(client or "", NOBODY)
            place = place_of(Working._make(row), day, agreed, terms)
        spent = costing.on(day, rates.get(technician, ()), place.currency)(seconds)
        yield (
            *(ref, day.replace(day=1), client or "", place.contract, spent.currency or place.some),
            *(*row[2:12], spent.labour_minor, spent.overhead_minor, 1, seconds),
            seconds if spent.problem == UNCOSTED else 0,
            seconds if spent.problem == UNEXCHANGED else 0,
            0 if billable == "billable" else seconds,
            seconds if approved is False else 0,
        )


def _as_before(row: Sequence[Any], before: Mapping[str, Stamp]) -> Place | None:
    was = before.get(row[0])
    if was is None or SAID_BEFORE(was) != SAID_NOW(row):
        return None
    contract, currency = was[3], was[4]
    return Place(contract, currency, currency) if contract else None


def place_of(row: Any, day: date, agreed: Agreements, terms: CellTerms) -> Place:
    """Where the rules of billing put such work of `day` as `row` names by `ROUTED_BY`, under the
    agreements of its client."""
    work = Work(
        ref="",
        work_date=day,
        seconds=0,
        work_type=row.work_type,
        client=row.client,
        contract=row.named,
        billable=row.billable,
        ticket_type=row.ticket_type,
        priority=row.priority,
    )
    contract = route(work, row.ticket_contract, agreed.readable).contract or ""
    if contract not in agreed.currencies:
        contract = ""
    some = next(iter(agreed.currencies.values()), terms.currency)
    return Place(contract, agreed.currencies.get(contract, ""), some)


def spending(terms: CellTerms, kind: str) -> Select[Any]:
    """The costs, or the usages that cost something, with client and contracts."""
    return _spending(kind, terms.home(kind))


def spending_of(terms: CellTerms, kind: str) -> Select[Any]:
    """As `spending`, of those with `ids`."""
    return _spending_of(kind, terms.home(kind))


@cache
def _spending(kind: str, home: str) -> Select[Any]:
    return owners.spending(kind).where(FACTS[kind].c.connection == home)


@cache
def _spending_of(kind: str, home: str) -> Select[Any]:
    return _spending(kind, home).where(FACTS[kind].c.id.in_(many("ids")))


def direct_of(
    connection: Connection, terms: CellTerms, kind: str, rows: Sequence[Row[Any]]
) -> Iterator[Stamp]:
    """One stamp for each month of each row of `spending`."""
    clients = {row.client_ref for row in rows if row.client_ref is not None}
    of_client = agreements(connection, terms, clients)
    for row in rows:
        agreed = of_client.get(row.client_ref, NOBODY)
        service = service_of(row.spent_on, row.starts_on, row.ends_on)
        contract = bearer(row.contract, row.ticket_contract, service.start, agreed.readable) or ""
        if contract not in agreed.currencies:
            contract = ""
        into = agreed.currencies.get(contract, "")
        paid_in = row.currency or into or terms.currency
        for month, currency, minor in shares_of(
            row.amount, paid_in, service, into, terms.currency, terms.exchange
        ):
            place = (month, row.client_ref or "", contract, currency)
            what = (row.ticket, row.kind or kind)
            yield (f"{kind}:{row.ref}", *place, *what, minor or 0, int(minor is None))
