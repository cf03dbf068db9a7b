"""Sending a batch of collections, and asking after one that got no answer.

A batch is sent as it was committed, under its own key, as often as it takes; a collector
collects the same key once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from tallystick.cash.attempts import UNRESOLVED, State, next_action, state_told
from tallystick.cash.standing import refresh_invoices
from tallystick.connector import Attempt, Collector, Trail
from tallystick.errors import Problem, Retry, SkipRecord
from tallystick.money import Money
from tallystick.store import attempts
from tallystick.store.database import Database


@dataclass(slots=True)
class Outcome:
    """What became of attempts in this run. `collected` are with the collector now, by invoice
    and amount; `declined` also says why; `parked` wait for a correction, `unanswered` for the
    next run."""

    collected: list[tuple[str, Money]] = field(default_factory=list)
    declined: list[tuple[str, Money, str]] = field(default_factory=list)
    parked: list[Problem] = field(default_factory=list)
    unanswered: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch on its way to the `collector` of `connection`."""

    database: Database
    collector: Collector
    connection: str
    key: str
    now: Callable[[], datetime]
    outcome: Outcome

    def resolve(self) -> None:
        """Ask for every attempt nobody knows the fate of; send the batch if one never arrived."""
        rows = self._rows()
        found: list[Attempt] = []
        missing = False
        for row in rows:
            if next_action(row.state) != "ask":
                continue
            try:
                answer = self.collector.find_attempt(row.key, _trail(row))
            except Retry as error:
                self.outcome.unanswered.append(error.as_problem(self._place([row])))
                continue
            missing |= next_action(row.state, answer is not None) == "send"
            if answer is not None:
                found.append(answer)
        self._record(rows, found)
        if missing:
            self.send()

    def send(self) -> None:
        """Send the batch as it was intended, without what the collector does not take."""
        while rows := [row for row in self._rows() if row.state != "parked"]:
            waiting = [row for row in rows if row.state in UNRESOLVED]
            if not waiting:
                return
            requests = [attempts.request_of(row) for row in rows]
            try:
                answers = self.collector.collect(requests, self.key)
            except SkipRecord as error:
                refused = [row for row in waiting if row.key == error.ref] or waiting
                self.outcome.parked.append(error.as_problem(self._place(refused)))
                self._change(refused, "parked", str(error))
                continue
            except Retry as error:
                self.outcome.unanswered.append(error.as_problem(self._place(waiting)))
                self._change(waiting, "unknown", str(error))
                return
            self._record(rows, answers)
            answered = {answer.key for answer in answers}
            self._leave_silent([row for row in waiting if row.key not in answered])
            return

    def _rows(self) -> list[Row[Any]]:
        with self.database.read() as connection:
            return attempts.of_batch(connection, self.key)

    def _record(self, rows: Sequence[Row[Any]], answers: Collection[Attempt]) -> None:
        """Note what the collector says of those of `rows` that waited for it."""
        waiting = {row.key: row for row in rows if row.state in UNRESOLVED}
        told = [answer for answer in answers if answer.key in waiting]
        if not told:
            return
        with self.database.write() as connection:
            for answer in told:
                attempts.change(
                    connection,
                    answer.key,
                    UNRESOLVED,
                    state_told(answer.state),
                    self.now(),
                    vendor_ref=answer.vendor_ref,
                    reason=answer.reason,
                )
            refresh_invoices(connection, {waiting[answer.key].invoice for answer in told})
        for answer in told:
            self._tell(waiting[answer.key], answer)

    def _tell(self, row: Row[Any], answer: Attempt) -> None:
        amount = Money(row.amount_minor, row.currency)
        state = state_told(answer.state)
        if state == "declined":
            self.outcome.declined.append((row.invoice, amount, answer.reason))
        elif state == "processing":
            self.outcome.collected.append((row.invoice, amount))
        else:
            what = f"The collector says {answer.state}. {answer.reason}".strip()
            do = "It is asked again at the next run."
            self.outcome.unanswered.append(Problem(self._place([row]), what, do))

    def _leave_silent(self, rows: Sequence[Row[Any]]) -> None:
        if rows:
            what = "The collector took the batch and said nothing of this."
            do = "It is asked again at the next run."
            self.outcome.unanswered.append(Problem(self._place(rows), what, do))
            self._change(rows, "unknown", what)

    def _change(self, rows: Sequence[Row[Any]], state: State, reason: str) -> None:
        with self.database.write() as connection:
            for row in rows:
                attempts.change(connection, row.key, UNRESOLVED, state, self.now(), reason=reason)
            refresh_invoices(connection, {row.invoice for row in rows})

    def _place(self, rows: Sequence[Row[Any]]) -> str:
        what = f"invoice {rows[0].invoice}" if len(rows) == 1 else f"{len(rows)} invoices"
        return f"collection of {what} in batch {self.key} of connection {self.connection}"


def _trail(row: Row[Any]) -> Trail:
    return Trail(row.vendor_ref or "", attempts.request_of(row).payer_id)
