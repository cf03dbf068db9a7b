"""Booking parts: their rows, their journal entries and the states they change, together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from tallystick.books import entries
from tallystick.books.entries import Entry
from tallystick.cash.matching import Application
from tallystick.cash.standing import refresh_attempts, refresh_invoices
from tallystick.money import Money
from tallystick.store import journal, settlements
from tallystick.store.ledger_schema import invoice
from tallystick.store.settlements import Movement, Part

TURN: Final = "cash"
"""Whoever settles or begins to collect waits for this turn, as both decide on what is open."""


def book(
    connection: Connection,
    parts: Collection[Part],
    payers: Mapping[Movement, str],
    reasons: Mapping[str, str],
    now: datetime,
) -> None:
    """Add `parts`, record an entry for each that moves money, and bring attempts and invoices
    level; `reasons` are why attempts came back."""
    if not parts:
        return
    numbers = {part.invoice for part in parts if part.invoice is not None}
    rows = connection.execute(
        select(invoice.c.number, invoice.c.client).where(invoice.c.number.in_(numbers))
    )
    clients = {row.number: row.client for row in rows}
    settlements.add_parts(connection, parts)
    journal.record(connection, _entries(parts, clients, payers), now)
    keys = {part.attempt for part in parts if part.attempt is not None}
    collected = refresh_attempts(connection, keys, reasons, now)
    refresh_invoices(connection, numbers | collected)


def parts_from(
    movement: Movement,
    content_hash: str,
    account: str,
    booked_on: date,
    applications: Iterable[Application],
    first: int,
) -> list[Part]:
    """Applications of a movement's money as parts numbered from `first`; `account` is where the
    money comes from, its bank or suspense."""
    return [
        Part(
            connection=movement.connection,
            bank_transaction=movement.id,
            part=number,
            content_hash=content_hash,
            kind=one.kind,
            account=account,
            invoice=one.invoice,
            attempt=one.attempt,
            amount_minor=one.amount.minor,
            currency=one.amount.currency,
            booked_on=booked_on,
            rule=one.rule,
        )
        for number, one in enumerate(applications, first)
    ]


def _entries(
    parts: Iterable[Part], clients: Mapping[str, str], payers: Mapping[Movement, str]
) -> Iterable[Entry]:
    for part in parts:
        amount = Money(part.amount_minor, part.currency)
        head = (settlements.source_of(part), part.booked_on)
        if part.invoice is not None:
            client = clients[part.invoice]
            yield entries.settle(*head, part.account, amount, client, part.invoice)
        elif amount:
            payer = payers[Movement(part.connection, part.bank_transaction)]
            yield entries.suspend(*head, part.account, amount, payer)


def still_fits(parts: Sequence[Part], amount: Money) -> bool:
    """Whether a movement that changed may keep its parts: its amount is the same, and none of
    it waits in suspense, where what changed could help to place it."""
    moved = [part for part in parts if part.account != entries.SUSPENSE]
    return (
        {part.currency for part in moved} == {amount.currency}
        and sum(part.amount_minor for part in moved) == amount.minor
        and not _in_suspense(parts)
    )


def _in_suspense(parts: Sequence[Part]) -> int:
    put_in = sum(part.amount_minor for part in parts if part.kind == "suspense")
    taken_out = sum(part.amount_minor for part in parts if part.account == entries.SUSPENSE)
    return put_in - taken_out


def mirrored(parts: Sequence[Part]) -> list[Part]:
    """Further parts that undo what a movement's parts amount to, on the days they were booked."""
    sums: dict[Part, int] = {}
    for part in parts:
        alike = part._replace(part=0, content_hash="", amount_minor=0)
        sums[alike] = sums.get(alike, 0) + part.amount_minor
    standing = [(alike, minor) for alike, minor in sums.items() if minor]
    return [
        alike._replace(part=number, content_hash=parts[-1].content_hash, amount_minor=-minor)
        for number, (alike, minor) in enumerate(standing, len(parts) + 1)
    ]
