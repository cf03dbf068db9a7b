"""Booking parts: their rows, their journal entries and the states they change, together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from tallystick.books import entries
from tallystick.books.entries import Entry, Moved
from tallystick.cash.settling.claims import Application
from tallystick.cash.settling.received import Received, shares
from tallystick.cash.settling.standing import refresh_attempts, refresh_invoices, refresh_refunds
from tallystick.money import Money
from tallystick.store.billing import invoices
from tallystick.store.books import journal
from tallystick.store.cash import attempts, settlements
from tallystick.store.cash.settlements import Movement, Part

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
    clients = invoices.clients_of(connection, numbers)
    settlements.add_parts(connection, parts)
    journal.record(connection, _entries(parts, clients, payers), now)
    keys = {part.attempt for part in parts if part.attempt is not None}
    collected = refresh_attempts(connection, keys, reasons, now)
    refresh_refunds(connection, {part.refund for part in parts if part.refund is not None}, now)
    attempts.ask_now(connection, numbers, now)
    refresh_invoices(connection, numbers | collected)


def parts_from(
    movement: Movement,
    content_hash: str,
    received: Received,
    booked_on: date,
    applications: Sequence[Application],
    first: int,
) -> list[Part]:
    """Applications of what a movement brought, or of what waits in suspense of it, as parts
    numbered from `first`; each with its share of what moved and of the fee."""
    amounts = [one.amount for one in applications]
    whole = received.within(amounts[0].currency) or received.worth
    worths = shares(received.worth, whole, amounts)
    fees = shares(received.moved.fee, whole, amounts)
    return [
        Part(
            connection=movement.connection,
            bank_transaction=movement.id,
            part=number,
            content_hash=content_hash,
            kind=one.kind,
            account=received.moved.account,
            against=one.against,
            refund=one.refund,
            invoice=one.invoice,
            attempt=one.attempt,
            amount_minor=(one.amount if one.invoice or one.against else worth).minor,
            currency=(one.amount if one.invoice or one.against else worth).currency,
            moved_minor=(worth - fee).minor,
            moved_currency=worth.currency,
            fee_minor=fee.minor,
            booked_on=booked_on,
            rule=one.rule,
        )
        for number, (one, worth, fee) in enumerate(
            zip(applications, worths, fees, strict=True), first
        )
    ]


def moved_by(part: Part) -> Moved:
    return Moved(
        part.account,
        Money(part.moved_minor, part.moved_currency),
        Money(part.fee_minor, part.moved_currency),
    )


def _entries(
    parts: Iterable[Part], clients: Mapping[str, str], payers: Mapping[Movement, str]
) -> Iterable[Entry]:
    for part in parts:
        moved = moved_by(part)
        head = (settlements.source_of(part), part.booked_on, moved)
        settled = Money(part.amount_minor, part.currency)
        if part.against is not None:
            yield entries.transfer(*head, settled, part.against)
        elif part.invoice is not None and part.kind == "write_off":
            given = (head[0], head[1], part.account, settled)
            yield entries.write_off(*given, clients[part.invoice], part.invoice)
        elif part.invoice is not None:
            yield entries.settle(*head, settled, clients[part.invoice], part.invoice)
        elif moved.amount or moved.fee:
            payer = payers[Movement(part.connection, part.bank_transaction)]
            yield entries.suspend(*head, payer)


def still_fits(parts: Sequence[Part], received: Received) -> bool:
    """Whether a movement that changed may keep its parts: it brought the same, and none of it
    waits in suspense, where what changed could help to place it."""
    came = [part for part in parts if part.account != entries.SUSPENSE]
    settled = _sums(
        (part.currency, part.amount_minor) for part in parts if part.invoice or part.against
    )
    if _in_suspense(parts) or len(settled) != 1:
        return False
    [(currency, minor)] = settled.items()
    worth, fee = received.worth, received.moved.fee
    return (
        received.within(currency) == Money(minor, currency)
        and _sums((part.moved_currency, part.moved_minor + part.fee_minor) for part in came)
        == {worth.currency: worth.minor}
        and sum(part.fee_minor for part in came) == fee.minor
    )


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for currency, minor in amounts:
        found[currency] = found.get(currency, 0) + minor
    return found


def _in_suspense(parts: Sequence[Part]) -> int:
    put_in = sum(part.amount_minor for part in parts if part.kind == "suspense")
    taken_out = sum(part.moved_minor for part in parts if part.account == entries.SUSPENSE)
    return put_in - taken_out


def mirrored(parts: Sequence[Part]) -> list[Part]:
    """Further parts that undo what a movement's parts amount to, on the days they were booked."""
    sums: dict[Part, tuple[int, int, int]] = {}
    for part in parts:
        alike = part._replace(part=0, content_hash="", amount_minor=0, moved_minor=0, fee_minor=0)
        amount, moved, fee = sums.get(alike, (0, 0, 0))
        sums[alike] = (
            amount + part.amount_minor,
            moved + part.moved_minor,
            fee + part.fee_minor,
        )
    standing = [(alike, minors) for alike, minors in sums.items() if any(minors)]
    return [
        alike._replace(
            part=number,
            content_hash=parts[-1].content_hash,
            amount_minor=-amount,
            moved_minor=-moved,
            fee_minor=-fee,
        )
        for number, (alike, (amount, moved, fee)) in enumerate(standing, len(parts) + 1)
    ]
