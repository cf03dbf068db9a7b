"""Review: what a person says of money in suspense.

accept   one of the candidates found for it is right
place    it pays these invoices, whatever was found
reject   a candidate, or all of them, is wrong and is not found again
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.cash.recognising.recognise import apply, settles
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.claims import Application, Claim, Kind
from tallystick.cash.settling.standing import read_claims
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.cash import reviews, settlements
from tallystick.store.cash.reviews import Decision, Listed
from tallystick.store.cash.settlements import Suspended
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


class InReview(NamedTuple):
    """Money in suspense and what it may be, best first; empty where nothing is known of it."""

    money: Suspended
    candidates: tuple[Listed, ...]


def waiting(connection: Connection) -> list[InReview]:
    """All money in suspense, in booking order."""
    queue = reviews.queue(connection)
    return [
        InReview(one, tuple(queue.get(one.movement, ())))
        for one in settlements.suspended(connection)
    ]


def accept(
    database: Database,
    wanted: str,
    number: int,
    by: str,
    today: date,
    now: Callable[[], datetime],
) -> list[Application]:
    """Apply candidate `number` of the movement `wanted`, booked on `today`.

    Raises `Stop` when there is none, or when what it would pay was paid or changed meanwhile.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        one = _the_one(connection, wanted)
        listed = _listed(one, number)
        claims = read_claims(connection, [invoice for invoice, _ in listed.places])
        stale = listed.waiting != Money(one.money.minor, one.money.currency) or any(
            abs(amount.minor) > abs(claims[invoice].open.minor) for invoice, amount in listed.places
        )
        if stale:
            raise Stop(
                f"What candidate {number} of {wanted} would pay has changed since it was found.",
                do="Run `tallystick cash settle`, then `tallystick cash review` again.",
            )
        applications = settles(listed.places, "accepted")
        apply(connection, one.money, applications, today, now())
        _decide(connection, one, "accepted", listed.places, by, now(), listed)
    return applications


def place(
    database: Database,
    wanted: str,
    places: Sequence[tuple[str, Decimal | None]],
    by: str,
    today: date,
    now: Callable[[], datetime],
) -> list[Application]:
    """Apply the movement `wanted` to invoices, each with an amount in major units or as much as
    it can take. Raises `Stop` for what none of them can take."""
    with database.write() as connection:
        take_turn(connection, TURN)
        one = _the_one(connection, wanted)
        claims = read_claims(connection, [number for number, _ in places])
        left = Money(one.money.minor, one.money.currency)
        applications: list[Application] = []
        for number, amount in places:
            if number not in claims:
                raise Stop(
                    f"There is no invoice {number!r}.", do="`tallystick bill list` names them."
                )
            taken = _taken(claims[number], amount, left)
            left -= taken.amount
            applications.append(taken)
        apply(connection, one.money, applications, today, now())
        placed = [(str(each.invoice), each.amount) for each in applications]
        _decide(connection, one, "placed", placed, by, now())
    return applications


def reject(
    database: Database,
    wanted: str,
    number: int | None,
    by: str,
    why: str,
    now: Callable[[], datetime],
) -> int:
    """Have candidate `number` of the movement `wanted`, or all of them, not found again; how many
    were rejected."""
    with database.write() as connection:
        take_turn(connection, TURN)
        one = _the_one(connection, wanted)
        wrong = one.candidates if number is None else (_listed(one, number),)
        for listed in wrong:
            decision = Decision(
                one.money.movement, "rejected", listed.places, listed.score, listed.reasons, by, why
            )
            reviews.decide(connection, [decision], now())
            reviews.take_off(connection, one.money.movement, listed.number)
    return len(wrong)


def _the_one(connection: Connection, wanted: str) -> InReview:
    """The movement in suspense whose id is, begins with or ends in `wanted`."""
    every = waiting(connection)
    ids = [(f"{one.money.movement.connection}:{one.money.movement.id}", one) for one in every]
    found = [one for id_, one in ids if wanted in (id_, one.money.movement.id)] or [
        one
        for id_, one in ids
        if id_.endswith(wanted)
        or one.money.movement.id.startswith(wanted)
        or id_.startswith(wanted)
    ]
    if len(found) == 1:
        return found[0]
    said = f"{len(found)} movements in suspense are" if found else "No movement in suspense is"
    raise Stop(f"{said} {wanted!r}.", do="`tallystick cash review` shows the id of each.")


def _listed(one: InReview, number: int) -> Listed:
    found = next((each for each in one.candidates if each.number == number), None)
    if found is None:
        raise Stop(
            f"{one.money.movement.id} has no candidate {number}.",
            do="`tallystick cash review` numbers them; `cash review place` takes any invoice.",
        )
    return found


def _taken(claim: Claim, amount: Decimal | None, left: Money) -> Application:
    """What `claim` takes of `left`: its payment, or of money that went out its refund or return."""
    currency = left.currency
    back = left.minor < 0 and claim.gross.minor > 0
    room = -claim.settled if back else claim.open
    same = claim.gross.currency == currency and room.minor * left.minor > 0
    most = min(abs(room.minor), abs(left.minor)) if same else 0
    sign = 1 if left.minor > 0 else -1
    wanted = most if amount is None else Money.exact(amount, currency).minor
    if not 0 < wanted <= most:
        raise Stop(
            f"{claim.number} cannot take {Money(wanted, currency) if wanted else left}: "
            f"{claim.open} of it is open and {left} is left of this money.",
            do=f"Name an amount of at most {Money(most, currency)}, or another invoice.",
        )
    kind: Kind = "return" if back else "payment" if sign > 0 else "refund"
    return Application(kind, Money(sign * wanted, currency), "by_hand", claim.number)


def _decide(
    connection: Connection,
    one: InReview,
    verdict: str,
    places: Sequence[tuple[str, Money]],
    by: str,
    now: datetime,
    listed: Listed | None = None,
) -> None:
    score, reasons = (listed.score, listed.reasons) if listed else (None, ())
    decision = Decision(one.money.movement, verdict, tuple(places), score, reasons, by)
    reviews.decide(connection, [decision], now)
    reviews.take_off(connection, one.money.movement)
