"""Propose: price every client's facts and keep, per currency, the one open proposal.

Proposing again with the same facts changes nothing; with other facts the old proposal is
void, and with it any approval, since an approval names a content hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from tallystick.billing.charges import Placement
from tallystick.billing.proposal import Proposal
from tallystick.cycle.pricing_client import price_client, proposals
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import TallystickError
from tallystick.period import Period
from tallystick.store import charges, quarantine
from tallystick.store import proposals as stored
from tallystick.store.database import Database
from tallystick.store.facts import client_facts

CHUNK = 200
T = TypeVar("T")


@dataclass(slots=True)
class ProposeReport:
    """Every client is in exactly one of `proposed`, `unchanged`, `nothing` or `failed`."""

    period: Period
    proposed: list[Proposal] = field(default_factory=list)
    unchanged: list[Proposal] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    failed: dict[str, TallystickError] = field(default_factory=dict)
    held: list[Placement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outcome:
    client: str
    drafts: list[Proposal]
    held: list[Placement]
    error: TallystickError | None = None


def propose(
    database: Database,
    terms: BillingTerms,
    period: Period,
    prepared_by: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
) -> ProposeReport:
    """Propose what every client should be invoiced up to the end of `period`."""
    report = ProposeReport(period)
    with database.read() as reading:
        for chunk in _chunks(_price_all(reading, terms, period)):
            with database.write() as writing:
                for outcome in chunk:
                    _keep(writing, outcome, report, prepared_by, now())
            progress(len(chunk))
    return report


def _price_all(connection: Connection, terms: BillingTerms, period: Period) -> Iterator[_Outcome]:
    quarantined = quarantine.count_by_client(connection, terms.homes)
    for facts in client_facts(connection, terms.homes, period.end, terms.zone):
        client = facts.client.id
        billed = charges.billed_of(connection, client)
        try:
            priced = price_client(facts, terms, period.end)
            drafts = proposals(priced, billed, terms, period, quarantined[client])
        except TallystickError as error:
            yield _Outcome(client, [], [], error)
        else:
            held = [one for one in priced.placements if one.bucket == "held"]
            yield _Outcome(client, drafts, held)


def _keep(
    connection: Connection,
    outcome: _Outcome,
    report: ProposeReport,
    prepared_by: str,
    now: datetime,
) -> None:
    """Store the client's drafts; an open proposal that differs or is no longer due is void."""
    report.held += outcome.held
    if outcome.error is not None:
        report.failed[outcome.client] = outcome.error
        return
    open_now = stored.open_of(connection, outcome.client)
    for draft in outcome.drafts:
        row = open_now.pop(draft.currency, None)
        if row is not None and stored.body_of(row) == draft:
            report.unchanged.append(draft)
            continue
        if row is not None:
            stored.set_state(connection, row.id, "void")
        stored.insert_proposed(connection, draft, prepared_by, now)
        report.proposed.append(draft)
    for row in open_now.values():
        stored.set_state(connection, row.id, "void")
    if not outcome.drafts:
        report.nothing.append(outcome.client)


def _chunks(outcomes: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(outcomes)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
