"""The decision: what of an open invoice is asked for now, what waits, and what a person must see.

    held by somebody ─▶ stop      no instalment due, its day not come, too little ─▶ wait
    failed before    ─▶ ladder    plan missed, failed for good                    ─▶ stop
                                  else ─▶ ask for an amount, to be debited on a day

A provider charges when it is asked, so it is asked on the day; a file carries its day, so it is
written as soon as the day is known. Only a retry waits for its day in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from tallystick.cash.policy.caps import Caps
from tallystick.cash.policy.instalments import Instalment, asked_on, missed, next_due
from tallystick.cash.policy.ladder import Failure, Ladder, next_try
from tallystick.cash.policy.reasons import reason_of
from tallystick.cash.policy.timing import Timing, debit_day
from tallystick.money import Money

NEW_MANDATE = "Agree with the client on a transfer, or get a new mandate."
PAYER_ACTS = "Send the payer a page to pay on, or agree on a transfer."
PLAN_ENDED = (
    "Agree on a new one with `tallystick cash plan`, or end it there with --end REASON: all that "
    "is open is then collected."
)


class Terms(NamedTuple):
    """What the MSP configured; `grace_days` is what an instalment may be late."""

    timing: Timing = Timing()
    ladder: Ladder = Ladder()
    caps: Caps = Caps()
    grace_days: int = 5


class Agreed(NamedTuple):
    """A payment plan; `before` is what was settled of the invoice when it was agreed."""

    parts: Sequence[Instalment]
    before: Money


class Case(NamedTuple):
    """An open invoice. `failures` are those since it was last collected, under the mandate to be
    used; `held` says who holds it and why; `at_once` that its provider charges when asked."""

    open: Money
    settled: Money
    issued_on: date
    due_on: date
    failures: Sequence[Failure] = ()
    plan: Agreed | None = None
    held: str = ""
    too_little: bool = False
    at_once: bool = True


class Ask(NamedTuple):
    amount: Money
    on: date


class Wait(NamedTuple):
    """Nothing is asked for yet; `until` is None where no day is known."""

    until: date | None
    why: str


class Person(NamedTuple):
    """Nothing is asked for until a person has seen to it."""

    what: str
    do: str


Verdict = Ask | Wait | Person


def decide(case: Case, terms: Terms, today: date) -> Verdict:
    """What is done with an invoice today. Caps come after it, over all that is asked for."""
    if case.held:
        return Person(case.held, "It is lifted with `tallystick hold --lift` and its number.")
    retry_on: date | None = None
    if case.failures:
        after = after_failures(case.failures, terms)
        if isinstance(after, Person) or today < after.on:
            return after if isinstance(after, Person) else Wait(after.on, after.why)
        retry_on = after.on
    if case.plan is not None:
        return _instalment(case, case.plan, terms, today)
    day = debit_day(case.issued_on, case.due_on, terms.timing)
    if day is None:
        return Wait(None, "nothing is debited by itself")
    if case.too_little:
        return Wait(None, "it is less than the minimum")
    day = max(day, retry_on) if retry_on else day
    if case.at_once and today < day:
        return Wait(day, "it is debited then")
    return Ask(case.open, day)


class Retry(NamedTuple):
    """Tried again from a day on, after the failure `why` tells of."""

    on: date
    why: str


def after_failures(failures: Sequence[Failure], terms: Terms) -> Retry | Person:
    """What follows on the failures of an invoice: a day, or a person who sees to it."""
    again = next_try(failures, terms.ladder, terms.timing)
    if again.on is not None:
        return Retry(again.on, again.why)
    kind = reason_of(failures[-1].code).kind
    what = f"{again.why[0].upper()}{again.why[1:]}."
    return Person(what, PAYER_ACTS if kind == "customer" else NEW_MANDATE)


def _instalment(case: Case, plan: Agreed, terms: Terms, today: date) -> Verdict:
    paid = case.settled - plan.before
    if since := missed(plan.parts, paid, terms.grace_days, today):
        what = f"Its payment plan has ended: the instalment of {since} was not paid."
        return Person(what, PLAN_ENDED)
    due = min(asked_on(plan.parts, paid, today), case.open)
    if due:
        return Ask(due, today)
    following = next_due(plan.parts, paid)
    if following is None:
        return Wait(None, "its payment plan is paid")
    if case.at_once:
        return Wait(following.due_on, "the next instalment is due then")
    return Ask(min(following.amount, case.open), following.due_on)
