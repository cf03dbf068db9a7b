"""The collection policy in the store: what it decides by is read in the transaction that commits
what it decided.

    holds, plans, failures, releases, what the day had ─▶ decide (pure) ─▶ caps ─▶ asked, or why not
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, func, select

from tallystick.cash.collecting import plans
from tallystick.cash.collecting.attempts import NEVER_SENT
from tallystick.cash.collecting.channels import Authority
from tallystick.cash.collecting.release import caps_in_force, released
from tallystick.cash.collecting.requests import Due, Policy, Tried
from tallystick.cash.policy.caps import Asked, Meter
from tallystick.cash.policy.decision import Agreed, Ask, Case, Person, Terms, Wait, decide
from tallystick.cash.policy.ladder import Failure
from tallystick.cash.policy.timing import too_little
from tallystick.cash.repaying.credit import Credited, spend_credit
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.period import local_date
from tallystick.store.billing.schema import invoice
from tallystick.store.binding import many
from tallystick.store.books import control
from tallystick.store.cash import attempts
from tallystick.store.cash.collection_schema import attempt, settlement

FAILED = ("failed_late", "declined")


@dataclass(slots=True)
class Collection:
    """The policy of one run: what is decided by, and what was left waiting and spent."""

    terms: Terms
    zone: ZoneInfo
    set_off: bool = True
    waiting: list[tuple[str, date | None, str]] = field(default_factory=list)
    credited: Credited = field(default_factory=Credited)
    problems: list[Problem] = field(default_factory=list)

    def open(
        self, connection: Connection, now: datetime, today: date
    ) -> tuple[Policy, list[Row[Any]]]:
        """The policy as of now, and the invoices it knows; spends credit first."""
        held = control.holds(connection)
        if self.set_off:
            self.credited = spend_credit(connection, held.keys(), today, now)
        caps, problem = caps_in_force(connection, self.terms.caps, now)
        if problem:
            self.problems.append(problem)
        rows = attempts.collectable(connection)
        opened = _Opened(
            self,
            Meter(caps, _taken_today(connection, today, self.zone)),
            released(connection, now),
            held,
            plans.agreed(connection),
            failures(connection, self.zone),
            {row.number: row.issued_on for row in rows},
            _little(rows, self.terms),
        )
        return opened.decide, rows


@dataclass(frozen=True, slots=True)
class _Opened:
    policy: Collection
    meter: Meter
    released: Mapping[str, Money]
    held: Mapping[str, Row[Any]]
    plans: Mapping[str, Agreed]
    failures: Mapping[tuple[str, int], date]
    issued_on: Mapping[str, date]
    little: frozenset[str]

    def decide(
        self, one: Due, chosen: Authority, mine: Sequence[Tried], today: date
    ) -> Ask | Problem | None:
        """What of an invoice is asked for today; counts it towards the caps."""
        verdict = decide(self._case(one, chosen, mine), self.policy.terms, today)
        if isinstance(verdict, Person):
            return Problem(one.place, verdict.what, verdict.do)
        if isinstance(verdict, Wait):
            self.policy.waiting.append((one.number, verdict.until, verdict.why))
            return None
        let_go = self.released.get(one.number) == one.gross - one.settled
        if why := self.meter.take(Asked(one.number, verdict.amount, released=let_go)):
            do = f"Look at it, then `tallystick cash release {one.number} --why TEXT`."
            return Problem(one.place, f"{why[0].upper()}{why[1:]}.", do)
        return verdict

    def _case(self, one: Due, chosen: Authority, mine: Sequence[Tried]) -> Case:
        hold = self.held.get(one.number) or self.held.get(one.client)
        failed: list[Failure] = []
        for earlier in mine:
            if earlier.state == "succeeded":
                failed.clear()
            elif earlier.state in FAILED and earlier.mandate == chosen.mandate.id:
                day = self.failures[earlier.invoice, earlier.ordinal]
                failed.append(Failure(day, earlier.reason))
        return Case(
            open=one.gross - one.settled,
            settled=one.settled,
            issued_on=self.issued_on[one.number],
            due_on=one.due_on,
            failures=failed,
            plan=self.plans.get(one.number),
            held=f"It is held by {hold.by}: {hold.reason}." if hold else "",
            too_little=one.number in self.little,
            at_once=not chosen.collects.batched,
        )


def _little(rows: Sequence[Row[Any]], terms: Terms) -> frozenset[str]:
    by_client: dict[str, dict[str, Money]] = {}
    for row in rows:
        still_open = Money(row.gross_minor - row.settled_minor, row.currency)
        by_client.setdefault(row.client, {})[row.number] = still_open
    found: set[str] = set()
    for amounts in by_client.values():
        found |= too_little(amounts, terms.timing)
    return frozenset(found)


def _taken_today(connection: Connection, today: date, zone: ZoneInfo) -> dict[str, Money]:
    """What was asked for since the day began where the MSP is, by currency."""
    since = datetime.combine(today, time(), zone)
    rows = connection.execute(_TAKEN, {"since": since, "until": since + timedelta(days=1)})
    return {row.currency: Money(int(row.minor), row.currency) for row in rows}


def failures(connection: Connection, zone: ZoneInfo) -> dict[tuple[str, int], date]:
    """The day each failed collection of an open invoice failed: the bank's, where it showed a
    return, else the day we were told."""
    rows = connection.execute(_FAILURES)
    return {(row.invoice, row.ordinal): row.day or local_date(row.changed_at, zone) for row in rows}


def failed_runs(connection: Connection, zone: ZoneInfo) -> dict[str, list[Failure]]:
    """The failures since it was last collected of each open invoice whose last attempt failed,
    under whatever mandate."""
    days = failures(connection, zone)
    if not days:
        return {}
    rows = connection.execute(_TRIED, {"numbers": list({number for number, _ in days})})
    found: dict[str, list[Failure]] = {}
    for row in rows:
        if row.state in FAILED:
            failure = Failure(days[row.invoice, row.ordinal], row.reason)
            found.setdefault(row.invoice, []).append(failure)
        elif row.state not in NEVER_SENT:
            found.pop(row.invoice, None)
    return found


_TRIED = (
    select(attempt.c.invoice, attempt.c.ordinal, attempt.c.state, attempt.c.reason)
    .where(attempt.c.invoice.in_(many("numbers")))
    .order_by(attempt.c.invoice, attempt.c.ordinal)
)
_TAKEN = (
    select(attempt.c.currency, func.sum(attempt.c.amount_minor).label("minor"))
    .where(attempt.c.intended_at >= bindparam("since"), attempt.c.intended_at < bindparam("until"))
    .where(attempt.c.state.not_in(NEVER_SENT))
    .group_by(attempt.c.currency)
)
_CAME_BACK = (
    select(settlement.c.attempt, func.max(settlement.c.booked_on).label("day"))
    .where(settlement.c.rule == "returned")
    .group_by(settlement.c.attempt)
    .subquery()
)
_FAILURES = (
    select(attempt.c.invoice, attempt.c.ordinal, attempt.c.changed_at, _CAME_BACK.c.day)
    .join(invoice, invoice.c.number == attempt.c.invoice)
    .join(_CAME_BACK, _CAME_BACK.c.attempt == attempt.c.key, isouter=True)
    .where(attempt.c.state.in_(FAILED), invoice.c.state.in_(attempts.COLLECTABLE))
)
