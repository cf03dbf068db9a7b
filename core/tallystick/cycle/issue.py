"""Issue: an approved proposal becomes an invoice with a gapless number and its journal entry.

Number, invoice, charges, entry and the proposal's end are one transaction per invoice: a
crash leaves either all of it or nothing, and no number is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from tallystick.books import entries
from tallystick.cycle.annex import named_by
from tallystick.cycle.approve import still_approved
from tallystick.cycle.printed import payment_days, printed
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import Mandate
from tallystick.store.billing import behind, invoices
from tallystick.store.billing import proposals as stored
from tallystick.store.billing.proposals import Summary, summary_of
from tallystick.store.books import journal, periods
from tallystick.store.cash.mandates import mandates_of
from tallystick.store.database import Database
from tallystick.store.facts.clients import clients_of
from tallystick.store.turn import take_turn


@dataclass(slots=True)
class IssueReport:
    """Invoices issued now, proposals whose approval no longer holds, and why documents that
    should be there could not be written."""

    issued: list[tuple[str, Summary]] = field(default_factory=list)
    lapsed: list[Summary] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)


def issue(
    database: Database,
    terms: BillingTerms,
    period: Period,
    today: date,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    tell: Callable[[str, str, Money], None],
) -> IssueReport:
    """Issue every approved proposal of the period; `tell(number, client, gross)` after commit.

    Raises `Stop` when `today` is in a closed period.
    """
    report = IssueReport()
    with database.read() as connection:
        waiting = stored.in_period(connection, period, ["approved"])
        clients = {row.client for row in waiting}
        mandates = mandates_of(connection, terms.homes.get("mandate"), clients)
    for row in waiting:
        one = summary_of(row)
        try:
            with database.write() as connection:
                take_turn(connection, stored.TURN)
                _must_be_open(connection, today)
                current = stored.one(connection, row.id)
                number = _issue_one(
                    connection, current, terms, mandates.get(row.client, ()), today, now()
                )
        except IntegrityError:
            number = None
        if number is not None:
            report.issued.append((number, one))
            tell(number, one.client, one.gross)
        elif current.state != "issued":
            report.lapsed.append(one)
        progress(1)
    return report


def _must_be_open(connection: Connection, day: date) -> None:
    opened = periods.open_from(connection)
    if opened is not None and day < opened:
        raise Stop(
            f"No invoice can be dated {day}: the books are closed before {opened}.",
            do=f"Give --on {opened} or a later day.",
        )


def _issue_one(
    connection: Connection,
    row: Row[Any],
    terms: BillingTerms,
    mandates: Sequence[Mandate],
    today: date,
    now: datetime,
) -> str | None:
    """The new number; None when the proposal changed, lapsed or was issued meanwhile."""
    body = stored.body_of(row)
    if row.state != "approved":
        return None
    if not still_approved(row, body, now):
        stored.set_state(connection, [row.id], "proposed")
        return None
    sequence = invoices.next_number(connection, f"invoice:{today.year}")
    number = terms.number_format.format(year=today.year, number=sequence)
    client = clients_of(connection, [body.client]).get(body.client)
    days = payment_days(body, client, terms)
    due_on = today + timedelta(days=days)
    parties = printed(body, client, mandates, due_on, today, terms)
    invoices.insert_issued(connection, number, row, body, today, due_on, parties, days)
    if body.detail is not None:
        behind.insert_named(connection, number, behind.named_now(connection, named_by(body)))
    journal.record(connection, [entries.issue(number, today, body)], now)
    stored.set_state(connection, [row.id], "issued")
    return number
