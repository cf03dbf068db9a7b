"""Close a period of the books, and reopen it with two people.

Months are closed in their order: the first closing closes everything before it too. What is
recorded later for a closed day lands in the first open month (`books/closing.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from tallystick.books.checklist import Item, holding
from tallystick.books.exchange import ExchangeRate
from tallystick.cycle.close_check import checklist, span_of
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.period import Period
from tallystick.store.billing import proposals
from tallystick.store.books import journal, periods
from tallystick.store.database import Database
from tallystick.store.profit import cells
from tallystick.store.turn import take_turn

ASKED_FOR = timedelta(hours=24)
"""How long a first person's wish to reopen waits for the second."""


@dataclass(frozen=True, slots=True)
class CloseReport:
    """The checklist, and whether the period was closed over it."""

    period: Period
    items: list[Item]
    closed: bool

    @property
    def holding(self) -> list[Item]:
        return holding(self.items)


def close(
    database: Database,
    terms: BillingTerms,
    period: Period,
    by: str,
    accepted: str | None,
    today: date,
    now: Callable[[], datetime],
    posts: bool,
    rates: Sequence[ExchangeRate] = (),
) -> CloseReport:
    """Close `period` unless something on the checklist holds it and no reason accepts that.

    The profit cells must be kept (`store/profit/keeping.py`) to stand as they are from then on.
    Raises `Stop` for a period that is not of whole months, not over, or not the next to close.
    """
    with database.read() as connection:
        span = span_of(period, _check(connection, period, today))
        items = checklist(connection, terms, span, posts, rates)
    if holding(items) and not (accepted or "").strip():
        return CloseReport(period, items, closed=False)
    with database.write() as connection:
        take_turn(connection, proposals.TURN)
        take_turn(connection, journal.TURN)
        take_turn(connection, cells.TURN)
        _check(connection, period, today)
        periods.add(connection, "closed", period, by, now(), accepted or "", items)
    return CloseReport(period, items, closed=True)


def _check(connection: Connection, period: Period, today: date) -> date | None:
    """From when the books are open; raises `Stop` where `period` is not what comes next."""
    opened = periods.open_from(connection)
    if period.start.day != 1 or period.end.day != 1:
        raise Stop(f"{period} cuts a month.", do="Close whole months, such as 2026-09.")
    if period.end > today:
        raise Stop(
            f"{period} is not over on {today}.",
            do=f"Close it on {period.end} or later.",
        )
    if opened is not None and period.end <= opened:
        raise Stop(f"{period} is closed already.", do="`tallystick books periods` shows by whom.")
    if opened is not None and period.start != opened:
        raise Stop(
            f"The books are open from {opened}, so {period} does not come next.",
            do=f"Close {Period(opened, period.end)}.",
        )
    return opened


def reopen(
    database: Database, period: Period, by: str, reason: str, now: Callable[[], datetime]
) -> Literal["reopening", "reopened"]:
    """Ask to reopen `period`, or as the second person within 24 hours do it.

    Raises `Stop` when it is not the last that was closed, without a reason, and when the same
    person asks again.
    """
    if not reason.strip():
        raise Stop("Reopening a period needs a reason.", do="Give --reason 'why'.")
    with database.write() as connection:
        take_turn(connection, proposals.TURN)
        take_turn(connection, journal.TURN)
        opened = periods.open_from(connection)
        if opened != period.end or period.start.day != 1:
            closed = f"closed before {opened}" if opened else "not closed at all"
            raise Stop(
                f"{period} cannot be reopened: the books are {closed}.",
                do="Name the last months that were closed; what is closed after them opens first.",
            )
        last = periods.events(connection)[-1]
        waiting = (
            last.kind == "reopening"
            and (last.period_start, last.period_end) == period
            and now() - last.at <= ASKED_FOR
        )
        if waiting and last.by == by:
            raise Stop(
                f"{by} has asked to reopen {period} already.",
                do="A second person does it: `tallystick books reopen`, under their own name.",
            )
        kind: Literal["reopening", "reopened"] = "reopened" if waiting else "reopening"
        periods.add(connection, kind, period, by, now(), reason)
    return kind
