"""Write off what nobody will pay: asked for by one person, approved by another.

    bad debt            what a client will not pay, whole or in part
    small difference    what a part payment left, up to a configured limit; no person is asked

A write-off is no credit note. What was supplied and billed stays as it is, and so does its tax: it
books an expense against the receivable, and what tax can be had back is for the accountant to
declare. One that was wrong, or paid after all, is taken back by another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from tallystick.books.entries import BAD_DEBT, SMALL_DIFFERENCES
from tallystick.cash.settling.booking import TURN, book
from tallystick.cash.settling.claims import Claim
from tallystick.cash.settling.standing import POSTED, read_claims, state_of
from tallystick.errors import Stop
from tallystick.four_eyes import must_be_another
from tallystick.money import Money
from tallystick.store.cash import write_offs
from tallystick.store.cash.settlements import WRITE_OFF, Part
from tallystick.store.cash.write_offs import WriteOff, WriteOffKind
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

ACCOUNTS: Final[dict[WriteOffKind, str]] = {
    "bad_debt": BAD_DEBT,
    "small_difference": SMALL_DIFFERENCES,
}


def ask(
    database: Database,
    number: str,
    amount: Decimal | None,
    why: str,
    by: str,
    now: Callable[[], datetime],
) -> WriteOff:
    """Ask for `amount` of an invoice (major units), or all that is open of it, to be written off.

    Raises `Stop` when less is open, while it is being collected, and for a second one at once.
    """
    if not why.strip():
        raise Stop("A write-off needs a reason.", do="Give --why 'reason'.")
    with database.write() as connection:
        take_turn(connection, TURN)
        claim = _claim(connection, number)
        wanted = claim.open if amount is None else Money.exact(amount, claim.gross.currency)
        _must_be_open(connection, claim, wanted)
        return _asked(connection, number, "bad_debt", wanted, why, by, now())


def ask_back(
    database: Database, number: str, why: str, by: str, now: Callable[[], datetime]
) -> WriteOff:
    """Ask for all that was written off an invoice to be owed again."""
    with database.write() as connection:
        take_turn(connection, TURN)
        claim = _claim(connection, number)
        done = [one for one in write_offs.listed(connection, number) if one.state == "approved"]
        written = sum(one.amount.minor for one in done)
        if written <= 0:
            raise Stop(
                f"Nothing of {number} is written off.",
                do="`tallystick cash write-offs` lists them.",
            )
        back = Money(-written, claim.gross.currency)
        return _asked(connection, number, done[-1].kind, back, why, by, now())


def approve(
    database: Database,
    number: str,
    by: str,
    today: date,
    now: Callable[[], datetime],
    sole_operator: bool = False,
) -> WriteOff:
    """Approve and book what is asked for of an invoice.

    Raises `Stop` for one's own asking (which a `sole_operator` may approve a day later), and when
    less is open by now.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        one = _waiting(connection, number)
        asked = (one.asked_by, one.asked_at)
        must_be_another(by, *asked, now, "write-off", sole_operator=sole_operator)
        if one.amount.minor > 0:
            _must_be_open(connection, _claim(connection, number), one.amount)
        write_offs.decide(connection, one, "approved", by, now())
        _book(connection, one, today, now())
    return one._replace(state="approved", decided_by=by)


def refuse(database: Database, number: str, by: str, now: Callable[[], datetime]) -> WriteOff:
    """Refuse what is asked for of an invoice; who asked may take it back so too."""
    with database.write() as connection:
        take_turn(connection, TURN)
        one = _waiting(connection, number)
        write_offs.decide(connection, one, "refused", by, now())
    return one._replace(state="refused", decided_by=by)


def write_off_small(
    connection: Connection, limit: Decimal, today: date, now: datetime
) -> list[tuple[str, Money]]:
    """Write off what payments left of invoices up to `limit` (major units), asking nobody."""
    done: list[tuple[str, Money]] = []
    for number, left in write_offs.nearly_paid(connection):
        if not 0 < left.minor <= Money.rounded(limit, left.currency).minor:
            continue
        why = f"no more than {limit} was left"
        ordinal = write_offs.add(
            connection, number, "small_difference", left, why, None, "approved", now
        )
        [one] = [o for o in write_offs.listed(connection, number) if o.ordinal == ordinal]
        _book(connection, one, today, now)
        done.append((number, left))
    return done


def _asked(
    connection: Connection,
    number: str,
    kind: WriteOffKind,
    amount: Money,
    why: str,
    by: str,
    now: datetime,
) -> WriteOff:
    if any(one.state == "asked" for one in write_offs.listed(connection, number)):
        raise Stop(
            f"A write-off of {number} waits already.",
            do="Approve or refuse it first; `tallystick cash write-offs` lists them.",
        )
    write_offs.add(connection, number, kind, amount, why, by, "asked", now)
    return _waiting(connection, number)


def _waiting(connection: Connection, number: str) -> WriteOff:
    waiting = [one for one in write_offs.listed(connection, number) if one.state == "asked"]
    if not waiting:
        raise Stop(
            f"No write-off of {number} waits.",
            do="`tallystick cash write-offs` lists those that do.",
        )
    return waiting[0]


def _claim(connection: Connection, number: str) -> Claim:
    claim = read_claims(connection, [number]).get(number)
    if claim is None or claim.gross.minor < 0:
        raise Stop(
            f"There is no invoice {number!r} to write off.",
            do="`tallystick bill list` names the invoices; a credit note cannot be one.",
        )
    return claim


def _must_be_open(connection: Connection, claim: Claim, wanted: Money) -> None:
    if not 0 < wanted.minor <= claim.open.minor:
        raise Stop(
            f"{wanted} of {claim.number} cannot be written off: {claim.open} is open.",
            do=f"Name an amount of at most {claim.open}."
            if claim.open.minor > 0
            else "Nothing needs to be done.",
        )
    state = state_of(connection, claim.number)
    if state not in POSTED or state == "collecting":
        said = "being collected" if state == "collecting" else "not in accounting yet"
        raise Stop(f"{claim.number} is {said}.", do="Wait for what comes of that.")


def _book(connection: Connection, one: WriteOff, today: date, now: datetime) -> None:
    part = Part(
        connection=WRITE_OFF,
        bank_transaction=one.invoice,
        part=one.ordinal,
        content_hash="",
        kind="write_off",
        account=ACCOUNTS[one.kind],
        invoice=one.invoice,
        attempt=None,
        amount_minor=one.amount.minor,
        currency=one.amount.currency,
        moved_minor=one.amount.minor,
        moved_currency=one.amount.currency,
        fee_minor=0,
        booked_on=today,
        rule=one.kind,
    )
    book(connection, [part], {}, {}, now)
