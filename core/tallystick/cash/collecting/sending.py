"""Sending a batch of collections, and asking after one that got no answer.

A batch is sent as it was committed, under its own key, as often as it takes; a collector
collects the same key once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.answers import Noted, note
from tallystick.cash.collecting.attempts import NEVER_SENT, UNRESOLVED, ask_again_in, when_absent
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.holds import payments_stopped
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.standing import read_claims, refresh_invoices
from tallystick.connector import Attempt
from tallystick.errors import Problem, Retry, SkipRecord
from tallystick.money import Money
from tallystick.store.cash import attempts
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

WITHDRAWN = "Its invoice was settled before it was sent."
LOST = "The collector does not know it, and no longer keeps its key."
TWO_PEOPLE = (
    "Look for it at the collector by client, amount and day; then two people say what became of "
    "it, each with `tallystick cash resolve KEY VERDICT --why TEXT --as NAME`."
)


@dataclass(slots=True)
class Outcome:
    """What became of attempts in this run. `collected` are with the collector now, by invoice
    and amount; `asked_of_payer` wait for their payer, with the page to act on; `declined` also
    says why, as does `cancelled`; `parked` wait for a correction, `lost` for two people,
    `unanswered` for the next run."""

    collected: list[tuple[str, Money]] = field(default_factory=list)
    asked_of_payer: list[tuple[str, Money, str]] = field(default_factory=list)
    declined: list[tuple[str, Money, str]] = field(default_factory=list)
    cancelled: list[tuple[str, Money, str]] = field(default_factory=list)
    parked: list[Problem] = field(default_factory=list)
    lost: list[Problem] = field(default_factory=list)
    unanswered: list[Problem] = field(default_factory=list)

    def include(self, other: Outcome) -> None:
        """What became of other attempts."""
        self.collected += other.collected
        self.asked_of_payer += other.asked_of_payer
        self.declined += other.declined
        self.cancelled += other.cancelled
        self.parked += other.parked
        self.lost += other.lost
        self.unanswered += other.unanswered

    def add(self, noted: Noted, answer: Attempt, place: str) -> None:
        """What an answer that was noted means to whoever reads the report."""
        if noted.state == "processing":
            self.collected.append((noted.invoice, noted.amount))
        elif noted.state == "requires_customer":
            self.asked_of_payer.append((noted.invoice, noted.amount, answer.link or ""))
        elif noted.state == "declined":
            self.declined.append((noted.invoice, noted.amount, answer.reason))
        elif noted.state == "cancelled":
            self.cancelled.append((noted.invoice, noted.amount, answer.reason))
        elif noted.state in UNRESOLVED:
            what = f"The collector says {answer.state}. {answer.reason}".strip()
            self.unanswered.append(Problem(place, what, "It is asked again at the next run."))


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch on its way through the `channel` of `connection`."""

    database: Database
    channel: Channel
    connection: str
    key: str
    now: Callable[[], datetime]
    outcome: Outcome

    def resolve(self) -> None:
        """Ask for every attempt nobody knows the fate of; what never arrived is sent again under
        its own key, withdrawn, or left to two people."""
        rows = self._rows()
        found: list[Attempt] = []
        absent: list[Row[Any]] = []
        for row in rows:
            if row.state not in UNRESOLVED:
                continue
            try:
                answer = self.channel.session.find_attempt(row.key, attempts.trail_of(row))
            except Retry as error:
                self._ask_later(row, error)
                continue
            if answer is None:
                absent.append(row)
            else:
                found.append(answer)
        self._record(rows, found)
        if absent and self._to_send(absent, arrived=bool(found)):
            self.send()

    def send(self) -> None:
        """Send the batch as it was intended, without what the collector does not take."""
        while rows := [row for row in self._rows() if row.state not in (*NEVER_SENT, "lost")]:
            waiting = [row for row in rows if row.state in UNRESOLVED]
            if not waiting:
                return
            requests = [attempts.request_of(row) for row in rows]
            if stopped := self._stopped():
                self.outcome.unanswered.append(replace(stopped, place=self._place(waiting)))
                for row in waiting:
                    self._leave([row], row.state, stopped.what)
                return
            try:
                answers = self.channel.session.collect(requests, self.key)
            except SkipRecord as error:
                refused = [row for row in waiting if row.key == error.ref] or waiting
                self.outcome.parked.append(error.as_problem(self._place(refused)))
                self._leave(refused, "parked", str(error))
                continue
            except Retry as error:
                self.outcome.unanswered.append(error.as_problem(self._place(waiting)))
                self._leave(waiting, "unknown", str(error))
                return
            self._record(rows, answers)
            answered = {answer.key for answer in answers}
            self._leave_silent([row for row in waiting if row.key not in answered])
            return

    def _to_send(self, absent: Sequence[Row[Any]], *, arrived: bool) -> bool:
        """Whether the batch is sent again; withdraws and gives up what it may not be sent for.

        Nothing is taken out of a batch of which something `arrived`: its key stands for all.
        """
        now = self.now()
        lifetime = self.channel.collects.key_lifetime
        with self._changing(absent) as connection:
            claims = read_claims(connection, {row.invoice for row in absent})
            then = {}
            for row in absent:
                unpaid = arrived or claims[row.invoice].open.minor >= row.amount_minor
                then[row.key] = when_absent(row.intended_at, lifetime, now, unpaid=unpaid)
            gone = [row for row in absent if then[row.key] == "withdraw"]
            lost = [row for row in absent if then[row.key] == "lose"]
            for row in gone:
                values: dict[str, Any] = {"state": "cancelled", "reason": WITHDRAWN, "ask_at": None}
                attempts.change(connection, row.key, UNRESOLVED, now, **values)
            for row in lost:
                wait = ask_again_in("lost", "", 0)
                at = None if wait is None else now + wait
                values = {"state": "lost", "reason": LOST, "ask_at": at, "asks": 0}
                attempts.change(connection, row.key, UNRESOLVED, now, **values)
            refresh_invoices(connection, {row.invoice for row in (*gone, *lost)})
        self.outcome.cancelled += [
            (row.invoice, Money(row.amount_minor, row.currency), WITHDRAWN) for row in gone
        ]
        self.outcome.lost += [Problem(self._place([row]), LOST, TWO_PEOPLE) for row in lost]
        return "send" in then.values()

    @contextmanager
    def _changing(self, several: Sequence[object]) -> Iterator[Connection]:
        """A transaction that changes `several` attempts with their invoices. It does so one after
        the other, and whoever settles in an order of their own: more than one only in turn."""
        with self.database.write() as connection:
            if len(several) > 1:
                take_turn(connection, TURN)
            yield connection

    def _stopped(self) -> Problem | None:
        """Whether payments were stopped since the batch was committed; it stays as it is then."""
        with self.database.glance() as connection:
            return payments_stopped(connection)

    def _rows(self) -> list[Row[Any]]:
        with self.database.glance() as connection:
            return attempts.of_batch(connection, self.key)

    def _record(self, rows: Sequence[Row[Any]], answers: Collection[Attempt]) -> None:
        """Note what the collector says of those of `rows` that waited for it."""
        waiting = {row.key: row for row in rows if row.state in UNRESOLVED}
        told = [answer for answer in answers if answer.key in waiting]
        if not told:
            return
        with self._changing(told) as connection:
            asks = self.channel.collects.asks
            noted = [note(connection, answer, self.now(), asks=asks) for answer in told]
        for one, answer in zip(noted, told, strict=True):
            if one is not None:
                self.outcome.add(one, answer, self._place([waiting[answer.key]]))

    def _leave_silent(self, rows: Sequence[Row[Any]]) -> None:
        if rows:
            what = "The collector took the batch and said nothing of this."
            do = "It is asked again at the next run."
            self.outcome.unanswered.append(Problem(self._place(rows), what, do))
            self._leave(rows, "unknown", what)

    def _ask_later(self, row: Row[Any], error: Retry) -> None:
        self.outcome.unanswered.append(error.as_problem(self._place([row])))
        self._leave([row], row.state, row.reason or str(error))

    def _leave(self, rows: Sequence[Row[Any]], state: str, reason: str) -> None:
        with self._changing(rows) as connection:
            for row in rows:
                wait = None if state == "parked" else ask_again_in(row.state, "", row.asks)
                values = {
                    "state": state,
                    "reason": reason,
                    "asks": row.asks + 1,
                    "ask_at": None if wait is None else self.now() + wait,
                }
                attempts.change(connection, row.key, UNRESOLVED, self.now(), **values)
            refresh_invoices(connection, {row.invoice for row in rows})

    def _place(self, rows: Sequence[Row[Any]]) -> str:
        what = f"invoice {rows[0].invoice}" if len(rows) == 1 else f"{len(rows)} invoices"
        return f"collection of {what} in batch {self.key} of connection {self.connection}"
