"""Escalations: the open invoices that do not go on by themselves, why, and what to do next.

One line per invoice, the first reason that applies:

    held ▸ given back ▸ disputed ▸ stuck at the collector ▸ failed for good ▸ plan missed ▸
    above a cap ▸ reminded for the last time
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from tallystick.cash.collecting import plans
from tallystick.cash.collecting.collection import FAILED, failed_runs
from tallystick.cash.collecting.release import released
from tallystick.cash.policy.decision import Agreed, Person, Terms, after_failures
from tallystick.cash.policy.instalments import missed
from tallystick.cash.policy.ladder import Failure
from tallystick.cash.settling.standing import POSTED
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.cash import refunds, reminders
from tallystick.store.cash.collection_schema import attempt

STUCK: Final = {
    "parked": ("Its collection could not be sent: {}", "Correct what it names; it is sent then."),
    "lost": ("Nobody knows what became of its collection.", "Look for it at the collector."),
    "requires_customer": ("The payer has to act on it.", "Send the payer the page."),
}
ASKED: Final = ("number", "client", "currency", "state", "due_on", "gross_minor", "settled_minor")


class Escalation(NamedTuple):
    """`why` and `do` are sentences."""

    number: str
    client: str
    open: Money
    due_on: date
    why: str
    do: str


def escalations(
    connection: Connection, terms: Terms, steps: int, zone: ZoneInfo, now: datetime, today: date
) -> list[Escalation]:
    """What a person must see to, the oldest due first; `steps` is how many reminders there are."""
    statement = (
        select(*(invoice.c[name] for name in ASKED))
        .where(invoice.c.state.in_(POSTED), invoice.c.gross_minor > invoice.c.settled_minor)
        .order_by(invoice.c.due_on, invoice.c.number)
    )
    rows = connection.execute(statement).all()
    known = _Known(
        terms=terms,
        steps=steps,
        today=today,
        holds=control.holds(connection),
        given_back=refunds.given_back(connection, {row.number for row in rows}),
        plans=plans.agreed(connection),
        tried=_tried(connection),
        failed=failed_runs(connection, zone),
        released=released(connection, now),
        reminded={number: len(days) for number, days in reminders.sent(connection).items()},
    )
    found = []
    for row in rows:
        if person := known.person_for(row):
            still_open = Money(row.gross_minor - row.settled_minor, row.currency)
            told = (row.number, row.client, still_open, row.due_on, person.what, person.do)
            found.append(Escalation(*told))
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    terms: Terms
    steps: int
    today: date
    holds: Mapping[str, Row[Any]]
    given_back: Collection[str]
    plans: Mapping[str, Agreed]
    tried: Mapping[str, Sequence[Row[Any]]]
    failed: Mapping[str, Sequence[Failure]]
    released: Mapping[str, Money]
    reminded: Mapping[str, int]

    def person_for(self, row: Row[Any]) -> Person | None:
        hold = self.holds.get(row.number) or self.holds.get(row.client)
        if hold is not None:
            do = "A second person lifts it with `tallystick hold --lift`."
            return Person(f"It is held by {hold.by}: {hold.reason}.", do)
        if row.number in self.given_back:
            do = "Give it up with `tallystick bill write-down`, or agree with the client on it."
            return Person("What was paid of it was given back, so it is not collected again.", do)
        return (
            self._attempted(self.tried.get(row.number, ()))
            or self._plan(row)
            or self._cap(row)
            or self._reminded(row)
        )

    def _attempted(self, mine: Sequence[Row[Any]]) -> Person | None:
        if any(one.state == "disputed" for one in mine):
            return Person("Its payment is disputed.", "Answer the dispute at the provider.")
        if not mine:
            return None
        last = mine[-1]
        if last.state in STUCK:
            what, do = STUCK[last.state]
            return Person(what.format(last.reason or "no reason given"), do)
        if last.state not in FAILED or last.invoice not in self.failed:
            return None
        verdict = after_failures(self.failed[last.invoice], self.terms)
        return verdict if isinstance(verdict, Person) else None

    def _plan(self, row: Row[Any]) -> Person | None:
        plan = self.plans.get(row.number)
        if plan is None:
            return None
        paid = Money(row.settled_minor, row.currency) - plan.before
        since = missed(plan.parts, paid, self.terms.grace_days, self.today)
        if since is None or row.state == "collecting":
            return None
        do = "Agree on a new plan with `tallystick cash plan`, or end it there."
        return Person(f"The instalment of {since} was not paid.", do)

    def _cap(self, row: Row[Any]) -> Person | None:
        still_open = Money(row.gross_minor - row.settled_minor, row.currency)
        cap = self.terms.caps.invoice.get(row.currency)
        let_go = self.released.get(row.number) == still_open or row.state == "collecting"
        if cap is None or still_open.amount <= cap or let_go or row.number in self.plans:
            return None
        what = f"{still_open} are above the cap of {Money.exact(cap, row.currency)} for an invoice."
        return Person(what, f"Look at it, then `tallystick cash release {row.number} --why TEXT`.")

    def _reminded(self, row: Row[Any]) -> Person | None:
        if not self.steps or self.reminded.get(row.number, 0) < self.steps:
            return None
        do = "Call the client, agree on a plan, or hand it to a lawyer."
        return Person("It was reminded of for the last time and is still open.", do)


def _tried(connection: Connection) -> dict[str, list[Row[Any]]]:
    rows = connection.execute(
        select(attempt)
        .join(invoice, invoice.c.number == attempt.c.invoice)
        .where(invoice.c.state.in_(POSTED), invoice.c.gross_minor > invoice.c.settled_minor)
        .order_by(attempt.c.invoice, attempt.c.ordinal)
    )
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.invoice, []).append(row)
    return found
