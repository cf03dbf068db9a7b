"""Suspense: money that waits is placed once an invoice its payer named is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection

from tallystick.books.entries import SUSPENSE
from tallystick.cash.booking import TURN, book, parts_from
from tallystick.cash.matching import PLACEABLE, Application, Standing, place
from tallystick.cash.numbers import Numbers
from tallystick.cash.standing import read_claims
from tallystick.money import Money
from tallystick.store import settlements
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def place_suspended(
    database: Database, numbers: Numbers, today: date, now: Callable[[], datetime]
) -> list[Application]:
    """Move what can be placed from suspense to its invoices, booked on `today`.

    What one payer settles may make another's sum fit, hence again until nothing moves.
    """
    placed: list[Application] = []
    while True:
        with database.write() as connection:
            take_turn(connection, TURN)
            more = _place_once(connection, numbers, today, now())
        if not more:
            return placed
        placed += more


def _place_once(
    connection: Connection, numbers: Numbers, today: date, now: datetime
) -> list[Application]:
    named = {
        one: numbers.named_in(one.remittance)
        for one in settlements.suspended(connection)
        if one.rule in PLACEABLE
    }
    wanted = {number for found in named.values() for number in found}
    standing = Standing(read_claims(connection, wanted))
    earlier = settlements.parts_of(connection, [one.movement for one in named if named[one]])
    placed: list[Application] = []
    for one, found in named.items():
        claims = [standing.claims[number] for number in found]
        applications, _, _ = place(Money(one.minor, one.currency), claims)
        if not applications:
            continue
        standing.apply(applications)
        before = earlier[one.movement]
        parts = parts_from(
            one.movement, before[-1].content_hash, SUSPENSE, today, applications, len(before) + 1
        )
        book(connection, parts, {}, {}, now)
        placed += applications
    return placed
