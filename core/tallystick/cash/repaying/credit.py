"""Credit first: what a client has with us pays its open invoices before anything is collected.

    credit notes     two parts that undo each other, on an account that stands at zero again
    overpayments     what a client paid beyond its invoices is taken out of suspense

Both are settlements like any other: rows are added, each with its entry, so a credit spent is
settled and cannot be spent again. What a credit note has beyond open invoices is paid back as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, select

from tallystick.books.entries import SET_OFF, SUSPENSE, Moved
from tallystick.cash.policy.set_off import Open, SetOff, set_off
from tallystick.cash.settling.booking import book, parts_from
from tallystick.cash.settling.claims import Application
from tallystick.cash.settling.received import Received
from tallystick.money import Money
from tallystick.store.billing import invoices
from tallystick.store.billing.schema import invoice
from tallystick.store.cash import refunds, settlements
from tallystick.store.cash.attempts import COLLECTABLE
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.settlements import Movement, Part, Suspended

SOURCE: Final = "set-off"
"""What stands for the connection of a settlement that no bank moved."""
BEYOND: Final = frozenset({"overpayment", "collected_beyond_open"})
"""Rules of suspended money that is known to be its payer's."""
RECOGNISED: Final = frozenset({"scored", "accepted"})
"""Rules that told whose the money is, so that what they left in suspense is theirs too."""


@dataclass(slots=True)
class Credited:
    """Credit notes set off now, and what of overpayments paid which invoice."""

    set_off: list[SetOff] = field(default_factory=list)
    overpaid: list[tuple[str, Money]] = field(default_factory=list)


def spend_credit(
    connection: Connection, spared: Collection[str], today: date, now: datetime
) -> Credited:
    """Spend all credit there is, in the turn of cash; nothing of what is `spared`, by number or
    client, no invoice whose payment is under way or disputed, and no document of whose money some
    is given back."""
    found = Credited()
    found.overpaid += _spend_overpayments(connection, spared, today, now)
    found.set_off += _set_off(connection, spared, today, now)
    return found


def _set_off(
    connection: Connection, spared: Collection[str], today: date, now: datetime
) -> list[SetOff]:
    pairs = set_off(_open(connection, spared))
    earlier = settlements.parts_of(connection, {_movement(pair) for pair in pairs})
    parts = [
        part for pair in pairs for part in _both(pair, len(earlier.get(_movement(pair), ())), today)
    ]
    book(connection, parts, {}, {}, now)
    return pairs


def _open(connection: Connection, spared: Collection[str]) -> Iterator[Open]:
    found = connection.execute(_OPEN).all()
    given_back = refunds.given_back(connection, {row.number for row in found})
    left_alone = {*spared, *given_back}
    for row in found:
        if row.number in left_alone or row.client in left_alone or _upside_down(row):
            continue
        minor = row.gross_minor - row.settled_minor
        yield Open(row.number, row.client, Money(minor, row.currency), row.issued_on)


def _upside_down(row: Row[Any]) -> bool:
    """Whether more went back than ever came, or more came than is owed: a person's matter."""
    settled, gross = row.settled_minor, row.gross_minor
    return bool(settled * gross < 0 or abs(settled) > abs(gross))


def _movement(pair: SetOff) -> Movement:
    return Movement(SOURCE, f"{pair.credit}:{pair.invoice}")


def _both(pair: SetOff, known: int, today: date) -> Iterator[Part]:
    """The invoice paid from the account of set-offs, and the credit note paid out to it."""
    sides = ((pair.invoice, pair.amount), (pair.credit, -pair.amount))
    for number, (document, amount) in enumerate(sides, known + 1):
        yield Part(
            connection=SOURCE,
            bank_transaction=_movement(pair).id,
            part=number,
            content_hash="",
            kind="set_off",
            account=SET_OFF,
            invoice=document,
            attempt=None,
            amount_minor=amount.minor,
            currency=amount.currency,
            moved_minor=amount.minor,
            moved_currency=amount.currency,
            fee_minor=0,
            booked_on=today,
            rule="set_off",
        )


class _Payer(NamedTuple):
    """Money in suspense whose movement paid invoices of one client only."""

    waits: Suspended
    client: str
    parts: Sequence[Part]


def _spend_overpayments(
    connection: Connection, spared: Collection[str], today: date, now: datetime
) -> list[tuple[str, Money]]:
    spent: list[tuple[str, Money]] = []
    payers = _payers(connection)
    left = {one.number: one for one in _open(connection, spared)} if payers else {}
    for payer in payers:
        applications = []
        rests = Money(payer.waits.minor, payer.waits.currency)
        for one in sorted(left.values(), key=lambda one: (one.issued_on, one.number)):
            fits = one.client == payer.client and one.amount.currency == rests.currency
            if fits and one.amount.minor > 0 and rests:
                taken = min(one.amount, rests)
                rests -= taken
                left[one.number] = one._replace(amount=one.amount - taken)
                applications.append(Application("payment", taken, "overpayment", one.number))
        if applications:
            _take_out(connection, payer, applications, today, now)
            spent += [(str(one.invoice), one.amount) for one in applications]
    return spent


def _payers(connection: Connection) -> list[_Payer]:
    waiting = [
        one for one in settlements.suspended(connection) if one.minor > 0 and not one.returned
    ]
    parts = settlements.parts_of(connection, {one.movement for one in waiting})
    owners = _owners(connection, parts.values())
    found = []
    for one in waiting:
        mine = parts[one.movement]
        clients = {owners[part.invoice] for part in mine if part.invoice is not None}
        theirs = one.rule in BEYOND or any(part.rule in RECOGNISED for part in mine)
        if theirs and len(clients) == 1:
            found.append(_Payer(one, clients.pop(), mine))
    return found


def _owners(connection: Connection, parts: Iterable[Sequence[Part]]) -> dict[str, str]:
    numbers = {part.invoice for ones in parts for part in ones if part.invoice is not None}
    return invoices.clients_of(connection, numbers)


def _take_out(
    connection: Connection,
    payer: _Payer,
    applications: Sequence[Application],
    today: date,
    now: datetime,
) -> None:
    rests = Money(payer.waits.minor, payer.waits.currency)
    received = Received(Moved(SUSPENSE, rests, Money.zero(rests.currency)), rests)
    last = payer.parts[-1]
    first = len(payer.parts) + 1
    given = (payer.waits.movement, last.content_hash, received, today, applications, first)
    book(connection, parts_from(*given), {}, {}, now)


_DISPUTED = select(attempt.c.invoice).where(attempt.c.state == "disputed")
_OPEN = select(invoice).where(
    invoice.c.state.in_(COLLECTABLE),
    invoice.c.gross_minor != invoice.c.settled_minor,
    invoice.c.number.not_in(_DISPUTED),
)
