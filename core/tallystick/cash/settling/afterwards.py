"""Afterwards: what there is to do once new movements are settled.

Each step is looked for first, and takes a transaction of its own only where there is something to
do: most runs find nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from tallystick.books.exchange import ExchangeRate
from tallystick.cash.recognising.candidates import Bars
from tallystick.cash.recognising.payer_book import PayerBook
from tallystick.cash.recognising.recognise import recognise
from tallystick.cash.repaying.write_off import write_off_small
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.claims import Application
from tallystick.cash.settling.counterparts import place_payouts, place_reinstated
from tallystick.cash.settling.differences import book_differences
from tallystick.cash.settling.numbers import Numbers
from tallystick.cash.settling.payouts import Provider
from tallystick.cash.settling.standing import (
    paid_before_posting,
    refresh_attempts,
    refresh_invoices,
)
from tallystick.cash.settling.suspense import place_suspended
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.store.cash import reviews, settlements
from tallystick.store.cash.disputes import disputes
from tallystick.store.cash.exchanged import exchanged
from tallystick.store.cash.write_offs import nearly_paid
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


@dataclass(slots=True)
class Placed:
    """What was taken out of suspense: `halves` of payouts and returns taken back, and what was
    applied to invoices; `in_review` is how many movements a person is asked about."""

    halves: int = 0
    applied: list[Application] = field(default_factory=list)
    in_review: int = 0


def level(database: Database, now: Callable[[], datetime]) -> None:
    """Bring disputed attempts, and invoices that were posted after their money came, level."""
    with database.read() as connection:
        if not disputes(connection) and not paid_before_posting(connection):
            return
    with database.write() as connection:
        take_turn(connection, TURN)
        contested = {one.attempt for one in disputes(connection)}
        refresh_invoices(connection, refresh_attempts(connection, contested, {}, now()))
        refresh_invoices(connection, paid_before_posting(connection))


def place(
    database: Database,
    numbers: Numbers,
    payers: PayerBook,
    providers: Mapping[str, Provider],
    bars: Bars,
    today: date,
    now: Callable[[], datetime],
) -> Placed:
    """Take out of suspense what has a place by now, booked on `today`."""
    with database.read() as connection:
        if not settlements.suspended(connection) and not reviews.waiting(connection):
            return Placed()
    halves = place_payouts(database, numbers, providers, today, now)
    halves += place_reinstated(database, today, now)
    placed = place_suspended(database, numbers, payers, today, now)
    applied, in_review = recognise(database, numbers, payers, bars, today, now)
    return Placed(halves, placed + applied, in_review)


def even_out(
    database: Database,
    rates: Sequence[ExchangeRate],
    small_difference: Decimal,
    today: date,
    now: Callable[[], datetime],
) -> tuple[list[tuple[str, Money]], list[Problem]]:
    """Write off what is too little to ask for, and book exchange differences; returns what was
    written off and the payments that no rate is known for."""
    with database.read() as connection:
        if not nearly_paid(connection) and not exchanged(connection):
            return [], []
    with database.write() as connection:
        take_turn(connection, TURN)
        written_off = write_off_small(connection, small_difference, today, now())
        return written_off, book_differences(connection, rates, now())
