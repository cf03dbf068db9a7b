"""Settlements in the store: what became of every movement of the bank, part by part.

A part settles `amount_minor` (positive for money in) of an invoice, or puts it into suspense where
`kind` is that, or books it `against` the transfer account of a provider. `moved_minor` is what it
moves of `account` - the bank, or suspense when money that waited there is placed - and `fee_minor`
what the bank kept, both in the account's currency.
Parts are only ever added; a movement the bank corrects is undone by further parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from tallystick.books.entries import SUSPENSE
from tallystick.store.binding import many
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.facts.schema import FACTS

bank_transaction = FACTS["bank_transaction"]


class Movement(NamedTuple):
    """A bank transaction by its connection and id."""

    connection: str
    id: str


class Part(NamedTuple):
    """One row; `content_hash` is that of the movement the part was told from."""

    connection: str
    bank_transaction: str
    part: int
    content_hash: str
    kind: str
    account: str
    invoice: str | None
    attempt: str | None
    amount_minor: int
    currency: str
    moved_minor: int
    moved_currency: str
    fee_minor: int
    booked_on: date
    rule: str
    against: str | None = None
    refund: str | None = None


class Suspended(NamedTuple):
    """What of a movement rests in suspense, and the rule that put it there; `paid_amount` is what
    all of it was to its payer, where that was told in another currency, and `account` the
    payer's."""

    movement: Movement
    rule: str
    minor: int
    currency: str
    booked_on: date
    counterparty: str
    remittance: str
    returned: bool
    paid_amount: Decimal | None
    paid_currency: str | None
    account: str | None


def unsettled(connection: Connection, banks: Collection[str]) -> list[Movement]:
    """Movements with no part, or changed since their parts were told, in booking order."""
    rows = connection.execute(_UNSETTLED, {"banks": list(banks)})
    return [Movement(name, ref) for _, name, ref in sorted(tuple(row) for row in rows)]


def still_unsettled(connection: Connection, movements: Sequence[Movement]) -> list[Row[Any]]:
    """Those of `movements` that are still to be settled, whole and in the same order."""
    found = {
        Movement(row.connection, row.id): row
        for source, ids in _by_connection(movements)
        for row in connection.execute(_STILL_UNSETTLED, {"source": source, "ids": ids})
    }
    return [found[movement] for movement in movements if movement in found]


def parts_of(connection: Connection, movements: Collection[Movement]) -> dict[Movement, list[Part]]:
    """The parts of each movement that has any, in order."""
    found: dict[Movement, list[Part]] = {}
    for source, ids in _by_connection(movements):
        for row in connection.execute(_PARTS, {"source": source, "ids": ids}):
            found.setdefault(Movement(source, row.bank_transaction), []).append(Part._make(row))
    return found


def parts_of_attempts(connection: Connection, attempts: Collection[str]) -> list[Part]:
    if not attempts:
        return []
    rows = connection.execute(_PARTS_OF_ATTEMPTS, {"attempts": list(attempts)})
    return [Part._make(row) for row in rows]


def add_parts(connection: Connection, parts: Iterable[Part]) -> None:
    if rows := [part._asdict() for part in parts]:
        connection.execute(_ADD, rows)


def tell_from(connection: Connection, movement: Movement, content_hash: str) -> None:
    """Note that a movement's parts also fit its present content."""
    connection.execute(
        update(settlement)
        .where(
            settlement.c.connection == movement.connection,
            settlement.c.bank_transaction == movement.id,
        )
        .values(content_hash=content_hash)
    )


def suspended(connection: Connection) -> list[Suspended]:
    """Every movement with money in suspense, in booking order."""
    rows = connection.execute(_SUSPENDED)
    found: dict[tuple[Movement, str], Suspended] = {}
    for row in rows:
        movement = Movement(row.connection, row.bank_transaction)
        waits = row.kind == "suspense"
        currency = row.currency if waits else row.moved_currency
        known = found.get((movement, currency))
        before = known.minor if known else 0
        found[movement, currency] = Suspended(
            movement,
            row.rule if waits or known is None else known.rule,
            before + (row.amount_minor if waits else -row.moved_minor),
            currency,
            row.moved_on,
            row.counterparty or "",
            row.remittance,
            row.returned,
            row.paid_amount,
            row.paid_currency,
            row.counterparty_iban,
        )
    return [one for one in found.values() if one.minor]


def source_of(part: Part) -> str:
    """What names a part for ever: in the journal, and to the accounting system."""
    return f"bank:{part.connection}:{part.bank_transaction}:{part.part}"


WRITE_OFF = "Write-off"
"""What stands for the connection where no bank moved anything: no connection can be called so."""


def _by_connection(movements: Iterable[Movement]) -> list[tuple[str, list[str]]]:
    """Ids by connection: one connection at a time is what the primary keys answer fast."""
    found: dict[str, list[str]] = {}
    for source, ref in movements:
        found.setdefault(source, []).append(ref)
    return list(found.items())


def banks(connection: Connection) -> list[str]:
    """The connections that have delivered bank transactions."""
    return sorted(connection.execute(_BANKS).scalars())


COLUMNS = tuple(settlement.c[name] for name in Part._fields)
"""What a `Part` is made of, in the order of its fields."""
_MOVED = bank_transaction.c
_PART_OF = (settlement.c.connection == _MOVED.connection) & (
    settlement.c.bank_transaction == _MOVED.id
)
_TOLD = exists().where(_PART_OF, settlement.c.content_hash == _MOVED.content_hash)
_UNSETTLED = select(_MOVED.booked_on, _MOVED.connection, _MOVED.id).where(
    _MOVED.connection.in_(many("banks")), ~_TOLD
)
_STILL_UNSETTLED = select(bank_transaction).where(
    _MOVED.connection == bindparam("source"), _MOVED.id.in_(many("ids")), ~_TOLD
)
_PARTS = (
    select(*COLUMNS)
    .where(settlement.c.connection == bindparam("source"))
    .where(settlement.c.bank_transaction.in_(many("ids")))
    .order_by(settlement.c.part)
)
_PARTS_OF_ATTEMPTS = select(*COLUMNS).where(settlement.c.attempt.in_(many("attempts")))
_ADD = insert(settlement)
_SUSPENDED = (
    select(*COLUMNS, _MOVED.booked_on.label("moved_on"), _MOVED.counterparty, _MOVED.remittance)
    .add_columns(_MOVED.returned, _MOVED.paid_amount, _MOVED.paid_currency)
    .add_columns(_MOVED.counterparty_iban)
    .join(bank_transaction, _PART_OF)
    .where(or_(settlement.c.kind == "suspense", settlement.c.account == SUSPENSE))
    .order_by(_MOVED.booked_on, settlement.c.connection, settlement.c.bank_transaction)
    .order_by(settlement.c.part)
)
_BANKS = select(_MOVED.connection).distinct()
