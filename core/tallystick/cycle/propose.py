"""Propose: price every client's facts and keep, per currency and group, the one open proposal.

Proposing again with the same facts changes nothing; with other facts, or facts that can no
longer be priced, the old proposal is void, and with it any approval. Clients are worked through
in chunks: what a chunk came to is committed, told and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from sqlalchemy import Connection

from tallystick.billing.charges import Placement
from tallystick.cycle.outcomes import Outcome, ProposeReport, Seen, unseen
from tallystick.cycle.prepare import Chunks, PreparedClient, prepare
from tallystick.cycle.side_by_side import Open, shares_of, side_by_side
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Retry, SkipRecord
from tallystick.period import Period
from tallystick.store.billing import proposals as stored
from tallystick.store.database import Database
from tallystick.store.facts.strays import Stray, strays
from tallystick.store.turn import take_turn


def propose(
    database: Database,
    terms: BillingTerms,
    period: Period,
    prepared_by: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    seen: Seen = unseen,
    opens: Open | None = None,
) -> ProposeReport:
    """Propose what every client should be invoiced up to the end of `period`.

    `seen` is told of every client after what it came to is committed. Many clients are priced in
    as many processes as there are processors, where `opens` lets those open `database` and `terms`
    too.
    """
    report = ProposeReport(period)
    with database.read() as reading, _prepared(reading, terms, period, opens) as chunks:
        report.skipped = _skipped(reading, period)
        for stray in strays(reading, terms.homes, period.end):
            _tell(stray, report, seen)
        for chunk in chunks:
            with database.write() as writing:
                take_turn(writing, stored.TURN)
                outcomes = _keep(writing, chunk, prepared_by, now())
            for outcome in outcomes:
                report.count(outcome)
                seen(outcome)
            progress(len(chunk))
    return report


def _prepared(
    reading: Connection, terms: BillingTerms, period: Period, opens: Open | None
) -> AbstractContextManager[Chunks]:
    if opens is not None:
        shares = shares_of(reading, terms)
        if len(shares) > 1:
            return side_by_side(opens, period, shares)
    return nullcontext(prepare(reading, terms, period))


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
    connection: Connection, chunk: list[PreparedClient], prepared_by: str, now: datetime
) -> list[Outcome]:
    """Store the chunk's proposals; an open one that differs or is no longer due is void."""
    clients = [one.client for one in chunk]
    invoiced = stored.invoiced(connection, clients)
    open_now = stored.open_of(connection, clients)
    outcomes, new, void = [], [], []
    for due in chunk:
        if invoiced.get(due.client, {}) != due.invoiced:
            outcomes.append(Outcome(due.client, error=_overtaken(due.client)))
            continue
        before = open_now.get(due.client, {})
        outcome = Outcome(due.client, held=due.held, quiet=due.quiet, error=due.error)
        for one in due.proposals:
            key = (one.currency, one.group)
            row = before.pop(key, None)
            sequence = due.invoiced.get(key, 0)
            if row is not None and row.sequence == sequence and stored.same(row, one):
                outcome.unchanged.append(one)
                continue
            if row is not None:
                void.append(row.id)
            new.append((one, sequence, one.asked_by or prepared_by))
            outcome.proposed.append(one)
        void += [row.id for row in before.values()]
        outcomes.append(outcome)
    stored.set_state(connection, void, "void")
    stored.insert_proposed(connection, new, now)
    return outcomes
