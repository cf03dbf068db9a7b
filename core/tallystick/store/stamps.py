"""Stamps: rows of `effort` and `direct_cost`, made from the facts they stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from tallystick.billing.facts import Work
from tallystick.billing.routing import asked_of, route
from tallystick.books.direct import bearer, service_of, shares_of
from tallystick.books.effort import UNCOSTED, UNEXCHANGED, Costing, Effort, RatesOf, rate_on
from tallystick.books.effort import rates_by_technician as by_technician
from tallystick.books.late import Stamp
from tallystick.store import owners
from tallystick.store.agreements import NOBODY, Agreements, agreements
from tallystick.store.cell_terms import CellTerms
from tallystick.store.facts_schema import FACTS, link
from tallystick.store.inbound import digest
from tallystick.store.rates import cost_rates

booking = FACTS["booking"]
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
NO_STAMPS: Mapping[str, Stamp] = {}


class Place(NamedTuple):
    """The contract a booking belongs to with its currency, both empty where there is none, and the
    currency its cost is told in when nothing else says one."""

    contract: str
    currency: str
    some: str


def works(terms: CellTerms) -> Select[Any]:
    """The bookings of the home connection, each with the contract its ticket names."""
    return _works(terms.home("booking"))


def works_of(terms: CellTerms) -> Select[Any]:
    """As `works`, of the bookings `ids`."""
    return _works_of(terms.home("booking"))


@cache
def _works(home: str) -> Select[Any]:
    return owners.efforts().where(booking.c.connection == home)


@cache
def _works_of(home: str) -> Select[Any]:
    return _works(home).where(booking.c.id.in_(IDS))


def effort_of(
    connection: Connection,
    terms: CellTerms,
    rows: Sequence[Row[Any]],
    before: Mapping[str, Stamp] = NO_STAMPS,
) -> Iterator[Stamp]:
    """One stamp for each row of `works`. `before` are stamps of some, by ref, under the agreements
    of now: work that still says the same to what routes it belongs to the same contract."""
    counts = terms.home("ticket") == terms.home("booking")
    works = [_work(row) for row in rows]
    of_tickets = [row[-1] if counts else None for row in rows]
    asked = [digest(asked_of(*one)) for one in zip(works, of_tickets, strict=True)]
    places = [_as_before(*one, before) for one in zip(works, asked, strict=True)]
    moved = [one for one, place in zip(works, places, strict=True) if place is None]
    of_client = agreements(connection, terms, {one.client for one in moved if one.client})
    rates = _rates(connection, terms, {one.technician for one in works if one.technician})
    assets = _home_assets(connection, terms, {one.asset for one in works if one.asset})
    costing = Costing(terms.overheads, terms.exchange)
    for work, of_ticket, hashed, place in zip(works, of_tickets, asked, places, strict=True):
        agreed = of_client.get(work.client or "", NOBODY)
        place = place or _place(work, of_ticket, agreed, terms)
        rate = rate_on(work.work_date, rates.get(work.technician or "", ()))
        asset = assets.get(work.asset, work.asset) if work.asset else None
        spent = costing.of(work.seconds, work.work_date, rate, place.currency)
        yield {"asked": hashed, "asset": asset, **_effort(work, place, spent)}


def _work(row: Row[Any]) -> Work:
    """`row` holds the fields of `Work` in their order, then the ticket's contract."""
    fields: tuple[Any, ...] = row[:-1]
    return Work(*fields)


def _as_before(work: Work, asked: str, before: Mapping[str, Stamp]) -> Place | None:
    was = before.get(work.ref)
    if was is None or was["asked"] != asked or not was["contract"]:
        return None
    return Place(was["contract"], was["currency"], was["currency"])


def _place(work: Work, of_ticket: str | None, agreed: Agreements, terms: CellTerms) -> Place:
    contract = route(work, of_ticket, agreed.readable).contract or ""
    if contract not in agreed.currencies:
        contract = ""
    some = next(iter(agreed.currencies.values()), terms.currency)
    return Place(contract, agreed.currencies.get(contract, ""), some)


def _effort(work: Work, place: Place, spent: Effort) -> Stamp:
    day, seconds = work.work_date, work.seconds
    return {
        "booking": work.ref,
        "client": work.client or "",
        "contract": place.contract,
        "month": day.replace(day=1),
        "work_date": day,
        "technician": work.technician,
        "ticket": work.ticket,
        "ticket_type": work.ticket_type,
        "work_type": work.work_type,
        "bookings": 1,
        "seconds": seconds,
        "currency": spent.currency or place.some,
        "labour_minor": spent.labour_minor,
        "overhead_minor": spent.overhead_minor,
        "uncosted_seconds": seconds if spent.problem == UNCOSTED else 0,
        "unexchanged_seconds": seconds if spent.problem == UNEXCHANGED else 0,
        "unpaid_seconds": 0 if work.billable == "billable" else seconds,
        "unapproved_seconds": seconds if work.approved is False else 0,
    }


def _rates(connection: Connection, terms: CellTerms, technicians: Collection[str]) -> RatesOf:
    return by_technician(cost_rates(connection, terms.home("cost_rate"), technicians))


def _home_assets(
    connection: Connection, terms: CellTerms, assets: Collection[str]
) -> dict[str, str]:
    """The home ref of each of `assets` that is a copy."""
    if not assets:
        return {}
    prefix = f"{terms.home('booking')}:"
    rows = connection.execute(
        select(link).where(
            link.c.kind == "asset",
            link.c.connection == prefix[:-1],
            link.c.id.in_([ref.removeprefix(prefix) for ref in assets]),
        )
    )
    return {prefix + row.id: f"{row.home_connection}:{row.home_id}" for row in rows}


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
    return _spending(kind, home).where(FACTS[kind].c.id.in_(IDS))


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
            yield {
                "source": f"{kind}:{row.ref}",
                "month": month,
                "client": row.client_ref or "",
                "contract": contract,
                "ticket": row.ticket,
                "kind": row.kind or kind,
                "currency": currency,
                "direct_minor": minor or 0,
                "unexchanged_costs": int(minor is None),
            }
