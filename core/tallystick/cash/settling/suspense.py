"""Suspense: money that waits is placed once an invoice its payer named is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from tallystick.books.entries import SUSPENSE, Moved
from tallystick.cash.recognising.doubts import doubted
from tallystick.cash.recognising.payer_book import PayerBook
from tallystick.cash.settling.booking import TURN, book, parts_from
from tallystick.cash.settling.claims import PLACEABLE, Application, Standing
from tallystick.cash.settling.matching import place
from tallystick.cash.settling.numbers import Numbers
from tallystick.cash.settling.received import Received
from tallystick.cash.settling.standing import read_claims, untouched
from tallystick.money import Money
from tallystick.store.cash import settlements
from tallystick.store.cash.settlements import Part, Suspended
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def place_suspended(
    database: Database,
    numbers: Numbers,
    payers: PayerBook,
    today: date,
    now: Callable[[], datetime],
) -> list[Application]:
    """Move what can be placed from suspense to its invoices, booked on `today`; what is doubted
    stays.

    What one payer settles may make another's sum fit, hence again until nothing moves.
    """
    placed: list[Application] = []
    while True:
        with database.write() as connection:
            take_turn(connection, TURN)
            more = _place_once(connection, numbers, payers, today, now())
        if not more:
            return placed
        placed += more


def _place_once(
    connection: Connection, numbers: Numbers, book_of: PayerBook, today: date, now: datetime
) -> list[Application]:
    named = {
        one: numbers.named_in(one.remittance)
        for one in settlements.suspended(connection)
        if one.rule in PLACEABLE
    }
    wanted = {number for found in named.values() for number in found}
    standing = Standing(read_claims(connection, wanted))
    earlier = settlements.parts_of(connection, [one.movement for one in named if named[one]])
    payers = book_of.of(connection, [(one.account, one.counterparty) for one in named])
    others_open = partial(untouched, connection, standing)
    placed: list[Application] = []
    for one, found in named.items():
        if not found:
            continue
        claims = [standing.claims[number] for number in found]
        before = earlier[one.movement]
        waits = waiting_of(one, before)
        applications, rest, why = place(waits, claims, one.returned)
        payer = (one.account, one.counterparty)
        whole = [*applications, *([Application("suspense", rest, why)] if rest else [])]
        doubts = doubted(payer, whole, found, standing.claims, payers, others_open)
        if not applications or doubts != whole:
            continue
        standing.apply(applications)
        parts = parts_from(
            one.movement, before[-1].content_hash, waits, today, applications, len(before) + 1
        )
        book(connection, parts, {}, {}, now)
        placed += applications
    return placed


def waiting_of(one: Suspended, parts: Iterable[Part]) -> Received:
    """What of a movement is in suspense. What its payer told in another currency goes with it,
    less what settled invoices in that; unless some of it was settled in the account's."""
    rests = Money(one.minor, one.currency)
    moved = Moved(SUSPENSE, rests, Money.zero(one.currency))
    settled = [part for part in parts if part.invoice is not None]
    if one.paid_amount is None or one.paid_currency in (None, one.currency):
        return Received(moved, rests)
    if sum(part.amount_minor for part in settled if part.currency == one.currency):
        return Received(moved, rests)
    paid = Money.exact(one.paid_amount, str(one.paid_currency))
    left = paid.minor - sum(part.amount_minor for part in settled if part.currency != one.currency)
    return Received(moved, Money(left, paid.currency) if left else rests)
