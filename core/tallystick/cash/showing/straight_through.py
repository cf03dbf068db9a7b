"""The straight-through rate: which share of invoices became cash without a person.

Of the invoices issued in the last 90 days that are paid or written off, those nobody touched: each
was approved by the standing policy, and its money placed by a rule. What is still open is not
counted, as a person may yet have to help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, Subquery, false, func, or_, select

from tallystick.insight.days_sales import WINDOW_DAYS
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.books.schema import control_event
from tallystick.store.cash.collection_schema import settlement

CLOSED: Final = ("paid", "written_off")
BY_POLICY: Final = "standing policy"
APPROVED: Final = "a person approved the invoice"
BY_HAND: Final = {
    "accepted": "a person accepted what the money pays",
    "by_hand": "a person placed the money",
    "bad_debt": "two people wrote it off",
}
CONTROLLED: Final = {
    "hold": "a person held it",
    "release": "a person released it beyond a cap",
    "plan": "a person agreed on instalments",
}


@dataclass(slots=True)
class StraightThrough:
    """`reasons` counts invoices by what a person did; one may have several."""

    closed: int = 0
    untouched: int = 0
    still_open: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.untouched, self.closed) if self.closed else None


def straight_through(connection: Connection, today: date) -> StraightThrough:
    since = today - timedelta(days=WINDOW_DAYS - 1)
    issued = (
        select(
            invoice.c.number,
            invoice.c.client,
            invoice.c.state.in_(CLOSED).label("closed"),
            func.coalesce(proposal.c.approved_by != BY_POLICY, false()).label("by_person"),
        )
        .join(proposal, proposal.c.id == invoice.c.proposal)
        .where(invoice.c.kind == "invoice", invoice.c.issued_on.between(since, today))
    ).subquery()
    found = StraightThrough()
    kinds = (issued.c.closed, issued.c.by_person)
    for closed, by_person, many in connection.execute(
        select(*kinds, func.count()).group_by(*kinds)
    ):
        if not closed:
            found.still_open += many
            continue
        found.closed += many
        if by_person:
            found.reasons[APPROVED] += many
        else:
            found.untouched += many
    touched = _touched(connection, select(issued.c.number))
    for row in connection.execute(select(issued).where(issued.c.closed, _is_touched(issued))):
        found.untouched -= not row.by_person
        found.reasons.update(touched.get(row.number, set()) | touched.get(row.client, set()))
    return found


def _is_touched(issued: Subquery) -> ColumnElement[bool]:
    """Of the few that are, more is to be told than how many there are."""
    placed = select(settlement.c.invoice).where(settlement.c.rule.in_(BY_HAND))
    controlled = select(control_event.c.subject).where(control_event.c.kind.in_(CONTROLLED))
    return or_(
        issued.c.number.in_(placed),
        issued.c.number.in_(controlled),
        issued.c.client.in_(controlled),
    )


def _touched(connection: Connection, numbers: Select[tuple[str]]) -> dict[str, set[str]]:
    """What people did, by invoice number or client ref."""
    found: dict[str, set[str]] = {}
    for subject, what in (*_placed(connection, numbers), *_controlled(connection)):
        found.setdefault(subject, set()).add(what)
    return found


def _placed(connection: Connection, numbers: Select[tuple[str]]) -> Iterator[tuple[str, str]]:
    rows = connection.execute(
        select(settlement.c.invoice, settlement.c.rule)
        .where(settlement.c.invoice.in_(numbers), settlement.c.rule.in_(BY_HAND))
        .distinct()
    )
    yield from ((row.invoice, BY_HAND[row.rule]) for row in rows)


def _controlled(connection: Connection) -> Iterator[tuple[str, str]]:
    rows = connection.execute(
        select(control_event.c.subject, control_event.c.kind)
        .where(control_event.c.kind.in_(CONTROLLED))
        .distinct()
    )
    yield from ((row.subject, CONTROLLED[row.kind]) for row in rows)
