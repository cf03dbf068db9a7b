"""What is overdue and which letters are due: read from the store, decided by the policy.

one letter per invoice, or per client and currency; its words are those of its furthest step
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from tallystick.billing.invoice.letter import Letter, Wording
from tallystick.billing.windows import Window
from tallystick.cash.collecting import plans
from tallystick.cash.collecting.collection import failed_runs
from tallystick.cash.policy.decision import Agreed, Retry, Terms, after_failures
from tallystick.cash.policy.dunning import Overdue, Reminder, Step, claimed_fees, reminder
from tallystick.cash.policy.instalments import missed
from tallystick.cash.policy.interest import Balance, late_interest
from tallystick.cash.policy.notice import Line, Notice, notice_letter, tone_of
from tallystick.errors import SkipRecord
from tallystick.money import Money, total
from tallystick.period import local_date
from tallystick.store.books import control
from tallystick.store.cash import refunds, reminders


@dataclass(frozen=True, slots=True)
class DunningTerms:
    """What reminders go by. `states` are those of invoices that may be dunned."""

    steps: Sequence[Step]
    letters: Window
    per: Literal["invoice", "client"]
    interest_percent: Decimal | None
    basis: str
    policy: Terms
    zone: ZoneInfo
    states: Collection[str]
    sender: str
    sender_name: str
    copy_to: str | None = None


class Dunned(NamedTuple):
    """One letter: which step of which invoice it is, and what it claims."""

    client: str
    steps: Mapping[str, int]
    letter: Letter
    amount: Money
    fee: Money
    interest: Money


@dataclass(slots=True)
class DunningReport:
    """Letters sent, or shown in a preview; `spared` are overdue invoices that are not dunned,
    `held` letters that could not go, each with why. `quiet` says that it is no time for letters."""

    letters: list[Dunned] = field(default_factory=list)
    spared: list[tuple[str, str]] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)
    quiet: bool = False


Due = tuple[Row[Any], Overdue, Reminder]


def read_due(connection: Connection, terms: DunningTerms, today: date) -> DunningReport:
    """What is due on a day, whatever the hour."""
    report = DunningReport()
    rows = reminders.overdue(connection, terms.states, today)
    sent = reminders.sent(connection)
    why_spared = _spared(connection, rows, terms, today)
    due: list[Due] = []
    for row in rows:
        days = [local_date(at, terms.zone) for at in sent.get(row.number, ())]
        still_open = Money(row.gross_minor - row.settled_minor, row.currency)
        spared = why_spared.get(row.number, "")
        one = Overdue(row.number, row.client, still_open, row.due_on, days, spared)
        if spared:
            report.spared.append((row.number, spared))
        elif step := reminder(one, terms.steps, today):
            due.append((row, one, step))
    paid = reminders.payments(connection, {row.number for row, _, _ in due})
    for group in _letters(due, terms.per):
        try:
            report.letters.append(_letter(group, paid, terms, today))
        except SkipRecord as error:
            report.held.append((group[0][0].client, str(error)))
    return report


def _spared(
    connection: Connection, rows: Sequence[Row[Any]], terms: DunningTerms, today: date
) -> dict[str, str]:
    """Why overdue invoices are not dunned now."""
    holds = control.holds(connection)
    agreed = plans.agreed(connection)
    disputed = reminders.disputed(connection)
    given_back = refunds.given_back(connection, {row.number for row in rows})
    tried_on = {
        number: after_failures(failed, terms.policy)
        for number, failed in failed_runs(connection, terms.zone).items()
    }
    found: dict[str, str] = {}
    for row in rows:
        subjects = (control.PAYMENTS, row.client, row.number)
        held = next((holds[one] for one in subjects if one in holds), None)
        plan = agreed.get(row.number)
        if held is not None:
            found[row.number] = f"held by {held.by}: {held.reason}"
        elif row.number in disputed:
            found[row.number] = "its payment is disputed"
        elif row.number in given_back:
            found[row.number] = "what was paid of it was given back"
        elif isinstance(again := tried_on.get(row.number), Retry) and again.on > today:
            found[row.number] = f"it is debited again on {again.on}"
        elif plan is not None and not _missed(plan, row, terms, today):
            found[row.number] = "it is paid in instalments"
    return found


def _missed(plan: Agreed, row: Row[Any], terms: DunningTerms, today: date) -> bool:
    paid = Money(row.settled_minor, row.currency) - plan.before
    return missed(plan.parts, paid, terms.policy.grace_days, today) is not None


def _letters(due: Sequence[Due], per: Literal["invoice", "client"]) -> Iterator[list[Due]]:
    """What goes into one letter: an invoice, or all of a client in one currency."""
    together: dict[tuple[str, ...], list[Due]] = {}
    for one in due:
        row = one[0]
        key = (row.number,) if per == "invoice" else (row.client, row.currency)
        together.setdefault(key, []).append(one)
    yield from together.values()


def _letter(
    group: Sequence[Due],
    paid: Mapping[str, Sequence[tuple[date, int]]],
    terms: DunningTerms,
    today: date,
) -> Dunned:
    newest = max(group, key=lambda one: (one[0].issued_on, one[0].number))[0]
    currency = newest.currency
    ordinal = max(step.ordinal for _, _, step in group)
    buyer = newest.parties.get("buyer", {})
    fees = [claimed_fees(one, terms.steps, step.ordinal) for _, one, step in group]
    interest = [
        _interest(row, paid.get(row.number, ()), terms.interest_percent, today)
        for row, _, _ in group
    ]
    notice = Notice(
        lines=[Line(row.number, one.open, row.due_on) for row, one, _ in group],
        tone=tone_of(ordinal, len(terms.steps)),
        fee=total(fees, currency),
        interest=total(interest, currency),
        seller=newest.parties.get("seller", {}).get("name", terms.sender_name),
        buyer=buyer.get("name", newest.client),
        email=buyer.get("email"),
        language=newest.parties.get("language", "en"),
        basis=terms.basis,
    )
    step = terms.steps[ordinal - 1]
    own = Wording(step.subject, step.text) if step.text else None
    steps = {row.number: one.ordinal for row, _, one in group}
    letter = notice_letter(notice, own)
    return Dunned(newest.client, steps, letter, notice.amount, notice.fee, notice.interest)


def _interest(
    row: Row[Any], paid: Sequence[tuple[date, int]], percent: Decimal | None, today: date
) -> Money:
    if percent is None:
        return Money.zero(row.currency)
    began = row.due_on + timedelta(days=1)
    minor = row.gross_minor - sum(amount for day, amount in paid if day <= began)
    balances = [Balance(began, Money(minor, row.currency))]
    for day, amount in paid:
        if day > began:
            minor -= amount
            balances.append(Balance(day, Money(minor, row.currency)))
    return late_interest(balances, today, percent)
