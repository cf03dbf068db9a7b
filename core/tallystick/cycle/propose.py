"""Propose: price every client's facts and keep, per currency, the one open proposal.

Proposing again with the same facts changes nothing; with other facts, or facts that can no
longer be priced, the old proposal is void, and with it any approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row

from tallystick.billing.charges import Placement
from tallystick.billing.proposal import Proposal
from tallystick.cycle.pricing_client import price_client, proposals
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Retry, SkipRecord, TallystickError
from tallystick.period import Period
from tallystick.store import charges, quarantine
from tallystick.store import proposals as stored
from tallystick.store.database import Database
from tallystick.store.facts import client_facts
from tallystick.store.strays import Stray, strays
from tallystick.store.turn import take_turn

CHUNK = 200
T = TypeVar("T")
Counts = Mapping[str, int]
"""How many invoices a client has, by currency."""


@dataclass(slots=True)
class ProposeReport:
    """Every client is in exactly one of `proposed`, `unchanged`, `nothing` or `failed`; `failed`
    also names the strays: what belongs to a client or contract nobody knows."""

    period: Period
    proposed: list[Proposal] = field(default_factory=list)
    unchanged: list[Proposal] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    failed: dict[str, TallystickError] = field(default_factory=dict)
    held: list[Placement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outcome:
    client: str
    invoiced: Counts
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
        for stray in strays(reading, terms.homes, period.end):
            _tell(stray, report)
        for chunk in _chunks(_price_all(reading, terms, period)):
            with database.write() as writing:
                take_turn(writing, stored.TURN)
                clients = [one.client for one in chunk]
                invoiced = stored.invoiced(writing, clients)
                open_now = stored.open_of(writing, clients)
                for outcome in chunk:
                    if invoiced.get(outcome.client, {}) != outcome.invoiced:
                        report.failed[outcome.client] = _overtaken(outcome.client)
                    else:
                        before = open_now.get(outcome.client, {})
                        _keep(writing, outcome, before, report, prepared_by, now())
            progress(len(chunk))
    return report


def _price_all(connection: Connection, terms: BillingTerms, period: Period) -> Iterator[_Outcome]:
    quarantined = quarantine.count_by_client(connection, terms.homes)
    invoiced = stored.invoiced(connection)
    before = charges.BilledByClient(connection)
    for facts in client_facts(connection, terms.homes, period.end, terms.zone):
        client = facts.client.id
        counts = invoiced.get(client, {})
        billed = before.take(client)
        try:
            priced = price_client(facts, terms, period.end)
            drafts = proposals(priced, billed, terms, period, quarantined[client])
        except TallystickError as error:
            yield _Outcome(client, counts, [], [], error)
        else:
            held = [one for one in priced.placements if one.bucket == "held"]
            yield _Outcome(client, counts, drafts, held)


def _tell(stray: Stray, report: ProposeReport) -> None:
    """What nobody would miss if it were left out in silence."""
    do = "Correct that at its source, or [[link]] the client in tallystick.toml, and sync."
    report.failed[f"{stray.owner}, {stray.kind}"] = SkipRecord(str(stray), do=do)
    if stray.kind == "booking":
        report.held += [
            Placement(ref, "held", None, seconds, 0, (str(stray),))
            for ref, seconds in zip(stray.refs, stray.seconds, strict=True)
        ]


def _overtaken(client: str) -> Retry:
    return Retry(
        f"An invoice to {client} was issued while this one was being prepared.",
        do="Nothing was changed. Propose again.",
    )


def _keep(
    connection: Connection,
    outcome: _Outcome,
    open_now: dict[str, Row[Any]],
    report: ProposeReport,
    prepared_by: str,
    now: datetime,
) -> None:
    """Store the client's drafts; one of its proposals `open_now` that differs or is no longer
    due is void."""
    report.held += outcome.held
    for draft in outcome.drafts:
        row = open_now.pop(draft.currency, None)
        sequence = outcome.invoiced.get(draft.currency, 0)
        if row is not None and row.sequence == sequence and stored.body_of(row) == draft:
            report.unchanged.append(draft)
            continue
        if row is not None:
            stored.set_state(connection, row.id, "void")
        stored.insert_proposed(connection, draft, sequence, prepared_by, now)
        report.proposed.append(draft)
    for row in open_now.values():
        stored.set_state(connection, row.id, "void")
    if outcome.error is not None:
        report.failed[outcome.client] = outcome.error
    elif not outcome.drafts:
        report.nothing.append(outcome.client)


def _chunks(outcomes: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(outcomes)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
