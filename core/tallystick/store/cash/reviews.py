"""What money in suspense may be, as it was last found, and every decision on it.

A decision is `applied` (no person), `accepted`, `placed` or `rejected`; none is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from tallystick.money import Money
from tallystick.store.cash.review_schema import candidate, decision
from tallystick.store.cash.settlements import Movement


class Listed(NamedTuple):
    """A candidate as the queue numbers it, for `waiting` money; `places` is what each invoice
    would take."""

    movement: Movement
    number: int
    client: str
    waiting: Money
    places: tuple[tuple[str, Money], ...]
    score: int
    reasons: tuple[str, ...]


class Decision(NamedTuple):
    """`decided_by` is None where no person was asked; `score` where none was reckoned."""

    movement: Movement
    verdict: str
    places: tuple[tuple[str, Money], ...]
    score: int | None
    reasons: tuple[str, ...]
    decided_by: str | None
    why: str = ""


def replace_queue(connection: Connection, listed: Iterable[Listed]) -> None:
    """Have the queue hold `listed` and nothing else."""
    connection.execute(_EMPTY)
    rows = [
        {
            "connection": one.movement.connection,
            "bank_transaction": one.movement.id,
            "number": one.number,
            "client": one.client,
            "currency": one.waiting.currency,
            "waiting_minor": one.waiting.minor,
            "places": [[number, amount.minor] for number, amount in one.places],
            "score": one.score,
            "reasons": list(one.reasons),
        }
        for one in listed
    ]
    if rows:
        connection.execute(insert(candidate), rows)


def waiting(connection: Connection) -> bool:
    """Whether there is anything on the queue."""
    return connection.execute(_ANY).first() is not None


def queue(connection: Connection) -> dict[Movement, list[Listed]]:
    """The candidates of each movement, best first."""
    found: dict[Movement, list[Listed]] = {}
    keys = (candidate.c.connection, candidate.c.bank_transaction, candidate.c.number)
    for row in connection.execute(select(candidate).order_by(*keys)):
        movement = Movement(row.connection, row.bank_transaction)
        listed = Listed(
            movement,
            row.number,
            row.client,
            Money(row.waiting_minor, row.currency),
            tuple((number, Money(minor, row.currency)) for number, minor in row.places),
            row.score,
            tuple(row.reasons),
        )
        found.setdefault(movement, []).append(listed)
    return found


def take_off(connection: Connection, movement: Movement, number: int | None = None) -> None:
    """Take a movement, or one of its candidates, off the queue."""
    mine = [
        candidate.c.connection == movement.connection,
        candidate.c.bank_transaction == movement.id,
    ]
    if number is not None:
        mine.append(candidate.c.number == number)
    connection.execute(delete(candidate).where(*mine))


def decide(connection: Connection, decisions: Iterable[Decision], now: datetime) -> None:
    """Note decisions, each numbered after the movement's last."""
    for one in decisions:
        of_movement = (
            decision.c.connection == one.movement.connection,
            decision.c.bank_transaction == one.movement.id,
        )
        last = connection.execute(select(func.max(decision.c.ordinal)).where(*of_movement)).scalar()
        connection.execute(
            insert(decision).values(
                connection=one.movement.connection,
                bank_transaction=one.movement.id,
                ordinal=(last or 0) + 1,
                verdict=one.verdict,
                places=[[number, amount.minor, amount.currency] for number, amount in one.places],
                score=one.score,
                reasons=list(one.reasons),
                decided_by=one.decided_by,
                decided_at=now,
                why=one.why,
            )
        )


def decisions(connection: Connection, verdicts: Sequence[str] = ()) -> list[Decision]:
    """All of them, or those of some verdicts, in the order of their movements."""
    keys = (decision.c.connection, decision.c.bank_transaction, decision.c.ordinal)
    statement = select(decision).order_by(*keys)
    if verdicts:
        statement = statement.where(decision.c.verdict.in_(verdicts))
    return [
        Decision(
            Movement(row.connection, row.bank_transaction),
            row.verdict,
            tuple((number, Money(minor, currency)) for number, minor, currency in row.places),
            row.score,
            tuple(row.reasons),
            row.decided_by,
            row.why,
        )
        for row in connection.execute(statement)
    ]


_EMPTY = delete(candidate)
_ANY = select(candidate.c.number).limit(1)
