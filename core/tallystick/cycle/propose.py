"""Propose: price every client's facts and keep, per currency and group, the one open proposal.

Proposing again with the same facts changes nothing; with other facts, or facts that can no
longer be priced, the old proposal is void, and with it any approval. Clients are worked through
in chunks: what a chunk came to is committed, told and forgotten.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from msgspec import Struct
from sqlalchemy import Connection

from tallystick.billing.charges import Placement
from tallystick.billing.invoice.proposal import Proposal
from tallystick.cycle.outcomes import Outcome, ProposeReport, Seen, unseen
from tallystick.cycle.pricing_client import (
    Draft,
    drafts,
    drafts_of_write_downs,
    price_client,
    quiet,
)
from tallystick.cycle.reviewing import reviewed
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Retry, SkipRecord, TallystickError
from tallystick.period import Period
from tallystick.store import charges, quarantine, write_downs
from tallystick.store import proposals as stored
from tallystick.store.database import Database
from tallystick.store.facts import client_facts
from tallystick.store.strays import Stray, strays
from tallystick.store.turn import take_turn

CLIENTS, CHARGES = 500, 10_000
"""A chunk is this many clients, or fewer once it has this many charges: memory stays flat."""
COLLECTED_AFTER = 50_000


class _Priced(Struct, frozen=True):
    client: str
    invoiced: stored.Counts
    drafts: list[Draft]
    held: list[Placement]
    quiet: str = ""
    error: TallystickError | None = None


def propose(
    database: Database,
    terms: BillingTerms,
    period: Period,
    prepared_by: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    seen: Seen = unseen,
) -> ProposeReport:
    """Propose what every client should be invoiced up to the end of `period`.

    `seen` is told of every client after what it came to is committed.
    """
    report = ProposeReport(period)
    with database.read() as reading, _seldom_collected():
        report.skipped = _skipped(reading, period)
        for stray in strays(reading, terms.homes, period.end):
            _tell(stray, report, seen)
        for chunk in _chunks(_price_all(reading, terms, period)):
            proposals = iter(
                reviewed(reading, [d for one in chunk for d in one.drafts], terms, period)
            )
            own = [list(islice(proposals, len(one.drafts))) for one in chunk]
            with database.write() as writing:
                take_turn(writing, stored.TURN)
                outcomes = _keep(writing, chunk, own, prepared_by, now())
            for outcome in outcomes:
                report.count(outcome)
                seen(outcome)
            progress(len(chunk))
    return report


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Pricing makes many short-lived values that never refer to each other in a circle: looking
    for circles more seldom spares a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECTED_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _price_all(connection: Connection, terms: BillingTerms, period: Period) -> Iterator[_Priced]:
    quarantined = quarantine.count_by_client(connection, terms.homes)
    invoiced = stored.invoiced(connection)
    downs = write_downs.by_client(connection)
    before = charges.BilledByClient(connection)
    for facts in client_facts(connection, terms.homes, period.end, terms.zone):
        client = facts.client.id
        counts = invoiced.get(client, {})
        billed = before.take(client)
        given_up = drafts_of_write_downs(downs.get(client, ()), billed, terms)
        try:
            priced = price_client(facts, terms, period.end)
            own = drafts(priced, billed, terms, period, quarantined.get(client, 0), counts)
        except TallystickError as error:
            yield _Priced(client, counts, given_up, [], error=error)
        else:
            held = [one for one in priced.placements if one.bucket == "held"]
            look = "" if own else quiet(priced, billed, period)
            yield _Priced(client, counts, [*own, *given_up], held, look)


def _skipped(connection: Connection, period: Period) -> Period | None:
    """The time between the last period that was proposed and this one, None without a gap."""
    last = stored.last_period_end(connection, period.start)
    return Period(last, period.start) if last is not None and last < period.start else None


def _tell(stray: Stray, report: ProposeReport, seen: Seen) -> None:
    """What nobody would miss if it were left out in silence."""
    do = "Correct that at its source, or [[link]] the client in tallystick.toml, and sync."
    if stray.kind == "asset":
        report.notes.append(f"{stray} {do}")
        return
    held = (
        [
            Placement(ref, "held", None, seconds, 0, (str(stray),))
            for ref, seconds in zip(stray.refs, stray.seconds, strict=True)
        ]
        if stray.kind == "booking"
        else []
    )
    error = SkipRecord(str(stray), do=do)
    outcome = Outcome(f"{stray.owner}, {stray.kind}", held=held, error=error)
    report.failed[outcome.client] = error
    report.held += len(held)
    seen(outcome)


def _overtaken(client: str) -> Retry:
    return Retry(
        f"An invoice to {client} was issued while this one was being prepared.",
        do="Nothing was changed. Propose again.",
    )


def _keep(
    connection: Connection,
    chunk: list[_Priced],
    proposals: list[list[Proposal]],
    prepared_by: str,
    now: datetime,
) -> list[Outcome]:
    """Store the chunk's proposals; an open one that differs or is no longer due is void."""
    clients = [one.client for one in chunk]
    invoiced = stored.invoiced(connection, clients)
    open_now = stored.open_of(connection, clients)
    outcomes, new, void = [], [], []
    for priced, own in zip(chunk, proposals, strict=True):
        if invoiced.get(priced.client, {}) != priced.invoiced:
            outcomes.append(Outcome(priced.client, error=_overtaken(priced.client)))
            continue
        before = open_now.get(priced.client, {})
        outcome = Outcome(priced.client, held=priced.held, quiet=priced.quiet, error=priced.error)
        for draft, one in zip(priced.drafts, own, strict=True):
            key = (one.currency, one.group)
            row = before.pop(key, None)
            sequence = priced.invoiced.get(key, 0)
            if row is not None and row.sequence == sequence and stored.same(row, one):
                outcome.unchanged.append(one)
                continue
            if row is not None:
                void.append(row.id)
            new.append((one, sequence, draft.asked_by or prepared_by))
            outcome.proposed.append(one)
        void += [row.id for row in before.values()]
        outcomes.append(outcome)
    stored.set_state(connection, void, "void")
    stored.insert_proposed(connection, new, now)
    return outcomes


def _chunks(clients: Iterable[_Priced]) -> Iterator[list[_Priced]]:
    chunk: list[_Priced] = []
    charges = 0
    for one in clients:
        chunk.append(one)
        charges += sum(len(draft.case.charges) for draft in one.drafts)
        if len(chunk) >= CLIENTS or charges >= CHARGES:
            yield chunk
            chunk, charges = [], 0
    if chunk:
        yield chunk
