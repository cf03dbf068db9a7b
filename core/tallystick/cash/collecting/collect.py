"""Collect: ask the payers with a mandate for what their invoices leave open, once.

Every request is committed whole before anything is sent. What an earlier run left without an
answer comes first: the collector is asked by key, and only what it never received is sent
again - the same requests under the same batch key. Settle before collecting, so that money
that came by itself is not asked for.

    plan (pure) -> intend (one transaction) -> send -> note the answers
                       a crash here: asked about by the next run, never intended twice
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.asking import ask_again, without_channel
from tallystick.cash.collecting.attempts import SENDING_TAKES, UNRESOLVED
from tallystick.cash.collecting.channels import Authority, Channel, authorities, mandates_from
from tallystick.cash.collecting.holds import payments_stopped
from tallystick.cash.collecting.requests import Due, Intention, Plan, Policy, Tried, batch_key, plan
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import Batch, Outcome
from tallystick.cash.listening.page_life import close_settled
from tallystick.cash.policy.set_off import SetOff
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.standing import refresh_invoices
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.store.cash import attempts, refunds
from tallystick.store.cash.mandates import mandates_of
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


@dataclass(slots=True)
class CollectReport(Outcome):
    """What this run did. `held` wait for a person, `waiting` for a day or for more, each with the
    day where it is known and why; `without_mandate` and `credits` (credit notes still open) are
    invoice numbers; `batches` are new. `set_off` and `overpaid` is credit that was spent first."""

    batches: list[str] = field(default_factory=list)
    held: list[Problem] = field(default_factory=list)
    without_mandate: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    waiting: list[tuple[str, date | None, str]] = field(default_factory=list)
    set_off: list[SetOff] = field(default_factory=list)
    overpaid: list[tuple[str, Money]] = field(default_factory=list)


Line = list[tuple[str, str, int]]
Sent = tuple[Outcome, int]
Each = Callable[[Callable[[Line], Sent], Iterable[Line]], Iterable[Sent]]
"""Sends the batches - connection, key and size - of each payer, payers one after the other as `map`
does or several at a time, and tells of each in the same order."""
OpenPolicy = Callable[[Connection, datetime, date], tuple[Policy, list[Row[Any]]]]
"""Reads what a policy decides by, in the transaction that commits what it decides, and the
invoices it can decide on: one that is posted a moment later is for the next run. What a client
has with us may be spent by then."""


def collect(
    database: Database,
    channels: Mapping[str, Channel],
    homes: Mapping[str, str],
    now: Callable[[], datetime],
    today: date,
    progress: Callable[[int], None],
    opens: OpenPolicy | None = None,
    each: Each = map,
    channel_of: Callable[[str], Channel] | None = None,
) -> CollectReport:
    """Clear up what earlier runs left without an answer, ask after what is under way where that
    is due, then collect what is open now.

    `channels` by connection; `homes` says which connection holds the mandates of those that have
    none of their own; `opens` the policy that says how much of an invoice is asked for. Where
    `each` uses threads, `channel_of` has a channel of its own for each.
    """
    report = CollectReport()
    with database.read() as connection:
        unresolved = attempts.batches_in(connection, UNRESOLVED)
    for source, key in unresolved:
        if source in channels:
            Batch(database, channels[source], source, key, now, report).resolve()
        else:
            place = f"batch {key} of connection {source}"
            report.unanswered.append(without_channel(place, source))
    asking = Round(database, channels, now, report)
    close_settled(asking)
    ask_again(asking)
    decided, batches = intend(database, channels, homes, now(), today, opens)
    report.held += decided.held
    report.without_mandate += decided.without_mandate

    def send(line: Line) -> Sent:
        outcome = Outcome()
        for source, key, _ in line:
            channel = channel_of(source) if channel_of else channels[source]
            Batch(database, channel, source, key, now, outcome).send()
        return outcome, sum(size for *_, size in line)

    report.batches += [key for _, key, _ in batches]
    for outcome, size in each(send, _by_payer(batches, decided.intentions)):
        report.include(outcome)
        progress(size)
    with database.read() as connection:
        report.credits = attempts.open_credits(connection)
    return report


def intend(
    database: Database,
    channels: Mapping[str, Channel],
    homes: Mapping[str, str],
    now: datetime,
    today: date,
    opens: OpenPolicy | None = None,
    sending_takes: timedelta = SENDING_TAKES,
) -> tuple[Plan, list[tuple[str, str, int]]]:
    """Decide what to collect and commit all of it; the plan, and its batches as connection, key
    and size. Sends nothing: a batch is sent by `Batch.send` within `sending_takes`, or by
    whoever asks after it then."""
    with database.write() as connection:
        take_turn(connection, TURN)
        if stopped := payments_stopped(connection):
            return Plan(held=[stopped]), []
        if not attempts.anything_open(connection):
            return Plan(), []
        policy, rows = (
            opens(connection, now, today) if opens else (None, attempts.collectable(connection))
        )
        clients = {row.client for row in rows}
        given_back = refunds.given_back(connection, {row.number for row in rows})
        tried = [_tried(row) for row in attempts.of_clients(connection, clients)]
        due = [
            Due(
                row.number,
                row.client,
                Money(row.gross_minor, row.currency),
                Money(row.settled_minor, row.currency),
                row.due_on,
                row.number in given_back,
            )
            for row in rows
        ]
        candidates = _candidates(connection, channels, homes, clients)
        decided = plan(due, candidates, tried, today, policy)
        batches = []
        for source, key, members in _batches(decided.intentions, today):
            requests = [(one.ordinal, one.request) for one in members]
            attempts.intend(connection, source, key, requests, now, now + sending_takes)
            batches.append((source, key, len(members)))
        refresh_invoices(connection, {one.request.invoice for one in decided.intentions})
    return decided, batches


def _by_payer(batches: Line, intentions: Sequence[Intention]) -> list[Line]:
    """Those of one mandate together: providers let nobody change one payer twice at a time."""
    mandates = {one.request.key: one.request.mandate for one in intentions}
    found: dict[str, Line] = {}
    for one in batches:
        found.setdefault(mandates.get(one[1], one[1]), []).append(one)
    return list(found.values())


def _tried(row: Row[Any]) -> Tried:
    request = attempts.request_of(row)
    return Tried(row.invoice, row.ordinal, row.state, row.reason, request.mandate, request)


def _candidates(
    connection: Connection,
    channels: Mapping[str, Channel],
    homes: Mapping[str, str],
    clients: set[str],
) -> dict[str, list[Authority]]:
    found: dict[str, list[Authority]] = {}
    for name, source in mandates_from(channels, homes.get("mandate")).items():
        signed = mandates_of(connection, source, clients)
        for client, ones in authorities(name, channels[name].collects, signed).items():
            found.setdefault(client, []).extend(ones)
    return found


def _batches(
    intentions: Sequence[Intention], today: date
) -> Iterator[tuple[str, str, list[Intention]]]:
    """Connection, batch key and members: what a batched collector gets is one batch, any other
    gets each request under its own key."""
    together: dict[str, list[Intention]] = {}
    for one in intentions:
        if one.batched:
            together.setdefault(one.connection, []).append(one)
        else:
            yield one.connection, one.request.key, [one]
    for source, members in together.items():
        yield source, batch_key([one.request for one in members], today), members
