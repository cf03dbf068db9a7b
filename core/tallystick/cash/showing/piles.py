"""Where money is on its way in: one pile per state, with how many and how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Row, case, func, select

from tallystick.cash.settling.standing import POSTED
from tallystick.insight.days_sales import WINDOW_DAYS, DaysSales
from tallystick.money import Money, total
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.cash import reviews, settlements, write_offs
from tallystick.store.cash.collection_schema import attempt

PILES = (
    *("due", "overdue", "held", "in flight", "unknown", "needs customer", "failed", "disputed"),
    *("in review", "suspense", "write-off asked"),
)
_OF_ATTEMPTS = {
    "intended": "in flight",
    "processing": "in flight",
    "unknown": "unknown",
    "lost": "unknown",
    "requires_customer": "needs customer",
    "disputed": "disputed",
}
_FAILED = frozenset({"declined", "failed_late", "parked", "cancelled"})


class Pile(NamedTuple):
    """`overdue` and `held` are part of `due`, which also has what `failed`: open, and nothing is
    on its way; `in review` is part of `suspense`."""

    name: str
    currency: str
    many: int
    amount: Money


def piles(connection: Connection, today: date) -> list[Pile]:
    """Every pile that has anything, by currency and in the order of `PILES`."""
    found: dict[tuple[str, str], list[Money]] = {}
    for name, amount in (
        *_of_invoices(connection, today),
        *_of_suspense(connection),
        *(
            ("write-off asked", one.amount)
            for one in write_offs.listed(connection)
            if one.state == "asked"
        ),
    ):
        found.setdefault((amount.currency, name), []).append(amount)
    return [
        Pile(name, currency, len(found[currency, name]), total(found[currency, name], currency))
        for currency in sorted({key[0] for key in found})
        for name in PILES
        if (currency, name) in found
    ]


def _of_invoices(connection: Connection, today: date) -> Iterator[tuple[str, Money]]:
    last = _last_attempts(connection)
    held = control.holds(connection).keys()
    for row in connection.execute(
        select(
            *(invoice.c[name] for name in ("number", "client", "currency", "due_on")),
            (invoice.c.gross_minor - invoice.c.settled_minor).label("left_minor"),
        ).where(invoice.c.gross_minor > invoice.c.settled_minor, invoice.c.state.in_(POSTED))
    ):
        left = Money(row.left_minor, row.currency)
        state = last[row.number].state if row.number in last else ""
        if state in _OF_ATTEMPTS:
            yield _OF_ATTEMPTS[state], left
            continue
        yield "due", left
        if row.due_on < today:
            yield "overdue", left
        if state in _FAILED:
            yield "failed", left
        if held & {control.PAYMENTS, row.number, row.client}:
            yield "held", left


def _last_attempts(connection: Connection) -> dict[str, Row[tuple[str, int, str]]]:
    columns = (attempt.c.invoice, attempt.c.ordinal, attempt.c.state)
    rows: Iterable[Row[tuple[str, int, str]]] = connection.execute(
        select(*columns)
        .join(invoice, invoice.c.number == attempt.c.invoice)
        .where(invoice.c.gross_minor > invoice.c.settled_minor)
        .order_by(attempt.c.invoice, attempt.c.ordinal)
    )
    return {row.invoice: row for row in rows}


def _of_suspense(connection: Connection) -> Iterator[tuple[str, Money]]:
    asked = reviews.queue(connection).keys()
    for one in settlements.suspended(connection):
        amount = Money(one.minor, one.currency)
        yield "suspense", amount
        if one.movement in asked:
            yield "in review", amount


def days_sales(connection: Connection, today: date) -> list[DaysSales]:
    """Per currency, of what was billed in the 90 days up to `today`."""
    since = today - timedelta(days=WINDOW_DAYS - 1)
    billed = case((invoice.c.issued_on.between(since, today), invoice.c.gross_minor), else_=0)
    rows = connection.execute(
        select(
            invoice.c.currency,
            func.sum(invoice.c.gross_minor - invoice.c.settled_minor),
            func.sum(billed),
        )
        .group_by(invoice.c.currency)
        .order_by(invoice.c.currency)
    )
    return [
        DaysSales(Money(int(open_), currency), Money(int(billed_), currency))
        for currency, open_, billed_ in rows
    ]
