"""What stands in the way of closing a period: the checklist, read from the store.

It looks at the days from the last closing up to the end of the period, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from tallystick.billing.assemble import ClientFacts
from tallystick.books.checklist import Item, item
from tallystick.books.effort import rates_by_technician
from tallystick.books.exchange import ExchangeRate, realised
from tallystick.cycle.pricing_client import drafts, price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import TallystickError
from tallystick.period import Period
from tallystick.store.billing.charges import BilledByClient
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.cash import settlements
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.exchanged import exchanged
from tallystick.store.facts import quarantine
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.rates import cost_rates
from tallystick.store.facts.schema import FACTS
from tallystick.store.facts.strays import strays


@dataclass(slots=True)
class Work:
    """What the facts of all clients leave to do, by the refs of whom or what it concerns."""

    unpriced: set[str] = field(default_factory=set)
    unbilled: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    unrouted: set[str] = field(default_factory=set)
    technicians: set[str] = field(default_factory=set)


def checklist(
    connection: Connection,
    terms: BillingTerms,
    span: Period,
    posts: bool,
    rates: Sequence[ExchangeRate] = (),
) -> list[Item]:
    """Every line of it, the settled ones too; `posts` says whether invoices go to accounting,
    `rates` is what exchange differences are told by."""
    return [
        *_money(connection, span, posts),
        _exchanges(connection, span, rates),
        *_facts(connection, terms, span),
    ]


def _money(connection: Connection, span: Period, posts: bool) -> Iterator[Item]:
    rows = quarantine.waiting(connection)
    waiting = {f"{row.connection}: {row.place}" for row in rows}
    yield item(
        *("quarantine", "hold", "records in quarantine", waiting),
        "`tallystick quarantine` says why; what they say is missing from the books.",
    )
    open_proposals = connection.execute(
        select(proposal.c.id, proposal.c.client)
        .where(proposal.c.state.in_(("proposed", "approved")))
        .where(proposal.c.period_start < span.end)
    )
    yield item(
        *("proposals", "hold", "proposals not issued"),
        {f"{row.client} ({row.id})" for row in open_proposals},
        "`tallystick bill review PERIOD`, then approve and issue them, or make them void.",
    )
    unposted = connection.execute(
        select(invoice.c.number).where(invoice.c.state == "issued", invoice.c.issued_on < span.end)
    ).scalars()
    yield item(
        *("unposted", "hold" if posts else "note", "invoices not posted to accounting"),
        set(unposted),
        "`tallystick bill post`." if posts else "No connection takes invoices.",
    )
    bank = FACTS["bank_transaction"]
    moved = connection.execute(
        select(bank.c.connection, bank.c.id).where(bank.c.booked_on < span.end)
    )
    in_span = {settlements.Movement(row.connection, row.id) for row in moved}
    unsettled = settlements.unsettled(connection, settlements.banks(connection))
    yield item(
        *("unsettled", "hold", "movements of the bank not settled"),
        {f"{one.connection}:{one.id}" for one in unsettled if one in in_span},
        "`tallystick cash settle`.",
    )
    yield item(
        *("suspense", "hold", "movements in suspense"),
        {
            f"{one.movement.connection}:{one.movement.id}"
            for one in settlements.suspended(connection)
            if one.booked_on < span.end
        },
        "`tallystick cash` shows who paid what; place it, or send it back.",
    )
    unanswered = connection.execute(
        select(attempt.c.key).where(attempt.c.state.in_(("intended", "unknown")))
    ).scalars()
    yield item(
        *("unanswered", "hold", "collections without an answer", set(unanswered)),
        "`tallystick cash collect` asks for it again.",
    )


def _exchanges(connection: Connection, span: Period, rates: Sequence[ExchangeRate]) -> Item:
    return item(
        *("exchange_rates", "hold", "invoices paid in another currency without an exchange rate"),
        {
            one.invoice
            for one in exchanged(connection)
            if one.booked_on < span.end
            and realised(one.worth, one.settled, one.issued_on, rates) is None
        },
        "Add an [[exchange_rate]] for the day it was issued, then `tallystick cash settle`.",
    )


def _facts(connection: Connection, terms: BillingTerms, span: Period) -> Iterator[Item]:
    work = _work(connection, terms, span)
    yield item(
        *("unpriced", "hold", "clients that cannot be priced whole", work.unpriced),
        "`tallystick bill propose PERIOD` says why.",
    )
    yield item(
        *("unbilled", "hold", "clients with something left to bill", work.unbilled),
        "`tallystick bill run PERIOD`.",
    )
    yield item(
        *("held", "hold", "bookings held", work.held),
        "`tallystick explain booking ID` says why.",
    )
    yield item(
        *("unrouted", "hold", "bookings under no contract", work.unrouted),
        "`tallystick explain booking ID` says why; name a contract, or what covers them.",
    )
    yield item(
        *("strays", "hold", "bookings, contracts and lines of nobody known"),
        {
            ref
            for stray in strays(connection, terms.homes, span.end)
            if stray.kind != "asset"
            for ref in stray.refs
        },
        "`tallystick bill propose PERIOD` says whose they should be.",
    )
    yield item(
        *("cost_rates", "hold", "technicians without a cost rate", work.technicians),
        "Give each a cost rate from the first day of their work on; without it there is no margin.",
    )


def _work(connection: Connection, terms: BillingTerms, span: Period) -> Work:
    found = Work()
    rates = rates_by_technician(cost_rates(connection, terms.homes.get("cost_rate", "")))
    billed = BilledByClient(connection)
    for facts in client_facts(connection, terms.homes, span.end, terms.zone):
        _of_client(found, facts, billed, terms, span)
        for one in facts.works:
            own = rates.get(one.technician or "", ())
            costed = any(rate.valid_from <= one.work_date for rate in own)
            if span.covers(one.work_date) and one.technician and not costed:
                found.technicians.add(one.technician)
    return found


def _of_client(
    found: Work, facts: ClientFacts, billed: BilledByClient, terms: BillingTerms, span: Period
) -> None:
    client = facts.client.id
    before = billed.take(client)
    try:
        priced = price_client(facts, terms, span.end)
        if priced.assembled.unreadable:
            found.unpriced.add(client)
        if drafts(priced, before, terms, span, 0, ()):
            found.unbilled.add(client)
    except TallystickError:
        found.unpriced.add(client)
        return
    days = {one.ref: one.work_date for one in facts.works}
    routed = {work.ref for one in priced.assembled.contracts for work in one.works}
    for placed in priced.placements:
        if placed.bucket == "held" and span.covers(days[placed.booking]):
            (found.held if placed.booking in routed else found.unrouted).add(placed.booking)


def span_of(period: Period, open_from: date | None) -> Period:
    """The days a closing of `period` closes."""
    return Period(open_from or date.min, period.end)
