"""Collect: ask the payers with a mandate for what their invoices leave open, once.

Every request is committed whole before anything is sent. What an earlier run left without an
answer comes first: the collector is asked by key, and only what it never received is sent
again - the same requests under the same batch key. Settle before collecting, so that money
that came by itself is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tallystick.cash.attempts import UNRESOLVED
from tallystick.cash.booking import TURN
from tallystick.cash.requests import Due, Plan, Tried, batch_key, plan
from tallystick.cash.sending import Batch, Outcome
from tallystick.cash.standing import refresh_invoices
from tallystick.connector import Collector
from tallystick.errors import Problem, Stop
from tallystick.money import Money
from tallystick.store import attempts
from tallystick.store.database import Database
from tallystick.store.mandates import mandates_of
from tallystick.store.turn import take_turn


@dataclass(slots=True)
class CollectReport(Outcome):
    """What this run did. `held` wait for a person; `without_mandate` and `credits` (open credit
    notes, which are never set off by themselves) are invoice numbers; `batches` are new."""

    batches: list[str] = field(default_factory=list)
    held: list[Problem] = field(default_factory=list)
    without_mandate: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)


def collect(
    database: Database,
    collectors: Mapping[str, Collector],
    homes: Mapping[str, str],
    now: Callable[[], datetime],
    today: date,
    progress: Callable[[int], None],
) -> CollectReport:
    """Clear up what earlier runs left without an answer, then collect what is open now.

    `collectors` by connection; `homes` says which connection holds the mandates. Raises `Stop`
    when more than one connection could collect.
    """
    if len(collectors) > 1:
        raise Stop(
            f"Connections {' and '.join(sorted(collectors))} could all collect.",
            do="Keep one of them in tallystick.toml.",
        )
    report = CollectReport()
    with database.read() as connection:
        unresolved = attempts.batches_in(connection, UNRESOLVED)
    for source, key in unresolved:
        if source in collectors:
            Batch(database, collectors[source], source, key, now, report).resolve()
        else:
            report.unanswered.append(_without_collector(source, key))
    for source, collector in collectors.items():
        intended, key = _intend(database, source, homes.get("mandate"), now(), today)
        report.held += intended.held
        report.without_mandate += intended.without_mandate
        if intended.intentions:
            report.batches.append(key)
            Batch(database, collector, source, key, now, report).send()
            progress(len(intended.intentions))
    with database.read() as connection:
        report.credits = attempts.open_credits(connection)
    return report


def _intend(
    database: Database, source: str, home: str | None, now: datetime, today: date
) -> tuple[Plan, str]:
    """Decide what to collect and commit all of it; the plan and its batch key."""
    with database.write() as connection:
        take_turn(connection, TURN)
        rows = attempts.collectable(connection)
        clients = {row.client for row in rows}
        tried = [
            Tried(row.invoice, row.ordinal, row.state, row.reason, attempts.request_of(row).mandate)
            for row in attempts.of_clients(connection, clients)
        ]
        due = [
            Due(
                row.number,
                row.client,
                Money(row.gross_minor, row.currency),
                Money(row.settled_minor, row.currency),
                row.due_on,
            )
            for row in rows
        ]
        decided = plan(due, mandates_of(connection, home, clients), tried, today)
        requests = [(one.ordinal, one.request) for one in decided.intentions]
        key = batch_key([request for _, request in requests], today)
        attempts.intend(connection, source, key, requests, now)
        refresh_invoices(connection, {request.invoice for _, request in requests})
    return decided, key


def _without_collector(source: str, key: str) -> Problem:
    return Problem(
        f"batch {key} of connection {source}",
        "Nobody knows whether it was collected, and the connection cannot be asked any more.",
        f"Put connection {source} back into tallystick.toml and collect again.",
    )
