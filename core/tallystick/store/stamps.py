"""Stamps: rows of `effort` and `direct_cost`, made from the facts they stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from tallystick.billing.facts import Work
from tallystick.billing.routing import route
from tallystick.books.direct import bearer, service_of, shares_of
from tallystick.books.effort import UNCOSTED, UNEXCHANGED, RatesOf, effort, rate_on
from tallystick.books.effort import rates_by_technician as by_technician
from tallystick.books.late import Stamp
from tallystick.store import owners
from tallystick.store.agreements import NOBODY, Agreements, agreements
from tallystick.store.cell_terms import CellTerms
from tallystick.store.facts_schema import FACTS, link
from tallystick.store.rates import cost_rates

booking = FACTS["booking"]


def works(terms: CellTerms) -> Select[Any]:
    """The bookings of the home connection, each with the contract its ticket names."""
    return owners.works_and_ticket_contracts().where(
        booking.c.connection == terms.home("booking"),
    )


def effort_of(
    connection: Connection, terms: CellTerms, rows: Sequence[Row[Any]]
) -> Iterator[Stamp]:
    """One stamp for each row of `works`."""
    clients = {row.client_ref for row in rows if row.client_ref is not None}
    of_client = agreements(connection, terms, clients)
    technicians = {row.technician for row in rows if row.technician}
    rates = by_technician(cost_rates(connection, terms.home("cost_rate"), technicians))
    assets = _home_assets(connection, terms, {row.asset for row in rows if row.asset})
    tickets_count = terms.home("ticket") == terms.home("booking")
    for row in rows:
        agreed = of_client.get(row.client_ref, NOBODY)
        named = row.ticket_contract if tickets_count else None
        yield _effort(_work(row), named, agreed, terms, rates, assets.get(row.asset))


def _work(row: Row[Any]) -> Work:
    """`row` holds the fields of `Work` in their order, then the ticket's contract."""
    fields: tuple[Any, ...] = row[:-1]
    return Work(*fields)


def _effort(
    work: Work,
    of_ticket: str | None,
    agreed: Agreements,
    terms: CellTerms,
    rates: RatesOf,
    asset: str | None,
) -> Stamp:
    contract = route(work, of_ticket, agreed.readable).contract or ""
    if contract not in agreed.currencies:
        contract = ""
    currency = agreed.currencies.get(contract, "")
    rate = rate_on(work.work_date, rates.get(work.technician or "", ()))
    spent = effort(work.seconds, work.work_date, rate, currency, terms.overheads, terms.exchange)
    some = next(iter(agreed.currencies.values()), terms.currency)
    return {
        "booking": work.ref,
        "client": work.client or "",
        "contract": contract,
        "month": work.work_date.replace(day=1),
        "work_date": work.work_date,
        "technician": work.technician,
        "ticket": work.ticket,
        "ticket_type": work.ticket_type,
        "asset": asset or work.asset,
        "work_type": work.work_type,
        "bookings": 1,
        "seconds": work.seconds,
        "currency": spent.currency or some,
        "labour_minor": spent.labour_minor,
        "overhead_minor": spent.overhead_minor,
        "uncosted_seconds": work.seconds if spent.problem == UNCOSTED else 0,
        "unexchanged_seconds": work.seconds if spent.problem == UNEXCHANGED else 0,
        "unpaid_seconds": 0 if work.billable == "billable" else work.seconds,
        "unapproved_seconds": work.seconds if work.approved is False else 0,
    }


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


def spending(terms: CellTerms) -> Iterable[tuple[str, Select[Any]]]:
    """By kind, the costs and the usages that cost something, with client and contracts."""
    for kind in ("cost", "usage"):
        statement = owners.spending(kind)
        yield kind, statement.where(FACTS[kind].c.connection == terms.home(kind))


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
