"""Explain a booking: which contract, which line, which rate, which invoice, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, or_, select

from tallystick.billing.assemble import Assembled
from tallystick.billing.charges import Charge, Placement
from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.candidates import Considered, candidates
from tallystick.cycle.pricing_client import price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.billing.schema import charge
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_facts, client_of_booking
from tallystick.store.facts.schema import quarantine


@dataclass(frozen=True, slots=True)
class BilledOn:
    """One charge on an issued invoice."""

    invoice: str
    position: int
    amount: Money
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookingStory:
    """Where a booking went and why; `charges` is what the facts say now, `billed` what was.

    `considered` are the rules of the rate cards of the lines that took it, part by part.
    """

    work: Work
    client: str
    route: str
    placements: tuple[Placement, ...]
    considered: tuple[Considered, ...]
    charges: tuple[Charge, ...]
    billed: tuple[BilledOn, ...]
    billed_elsewhere: bool


def explain_booking(database: Database, terms: BillingTerms, ref: str, today: date) -> BookingStory:
    """The story of booking `ref` (`4711`, or `psa:4711`); raises `Stop` when it has none."""
    home = terms.homes.get("booking", "")
    external_id = ref.removeprefix(f"{home}:")
    full = f"{home}:{external_id}"
    with database.read() as connection:
        try:
            client = client_of_booking(connection, home, external_id)
        except LookupError:
            raise _unknown(connection, home, external_id) from None
        until = today + timedelta(days=1)
        for facts in client_facts(connection, terms.homes, date.max, terms.zone, client or ""):
            [work] = [one for one in facts.works if one.ref == full]
            priced = price_client(facts, terms, max(until, work.work_date + timedelta(days=1)))
            placements = tuple(one for one in priced.placements if one.booking == full)
            of_it = re.compile(rf"booking:{re.escape(full)}(:[0-9]+|:call-out)?")
            return BookingStory(
                work=work,
                client=facts.client.name,
                route=priced.assembled.routes[full],
                placements=placements,
                considered=tuple(_considered(priced.assembled, terms, placements)),
                charges=tuple(one for one in priced.charges if of_it.fullmatch(one.basis)),
                billed=tuple(_billed(connection, f"booking:{full}", of_it)),
                billed_elsewhere=work.work_date < terms.bill_from,
            )
    raise Stop(
        f"Booking {full} belongs to "
        + (f"client {client}, which nobody knows." if client else "no client."),
        do="Correct its client, or link the client in tallystick.toml, and sync again.",
    )


def _considered(
    assembled: Assembled, terms: BillingTerms, placements: Sequence[Placement]
) -> Iterator[Considered]:
    """What the rate cards of the lines the booking came to made of all of it."""
    took_it = {one.line for one in placements}
    for facts in assembled.contracts:
        names = dict.fromkeys(
            str(one.terms.get("rate_card")) for one in facts.lines if one.id in took_it
        )
        for work in facts.works:
            if work.ref == placements[0].booking:
                piece = Piece(work, 0, work.seconds, ())
                cards = [terms.book.cards[name] for name in names if name in terms.book.cards]
                for card in cards:
                    yield from candidates(piece, card, terms.book.zone)


def _billed(connection: Connection, basis: str, of_it: re.Pattern[str]) -> Iterator[BilledOn]:
    table = charge
    rows = connection.execute(
        select(table)
        .where(or_(table.c.basis == basis, table.c.basis.startswith(f"{basis}:", autoescape=True)))
        .order_by(table.c.invoice, table.c.index)
    )
    for row in rows:
        if of_it.fullmatch(row.basis):
            amount = Money(row.amount_minor, row.currency)
            yield BilledOn(row.invoice, row.position, amount, tuple(row.reason))


def _unknown(connection: Connection, home: str, external_id: str) -> Stop:
    """The sentence for a booking that is not there: perhaps it waits in quarantine."""
    row = connection.execute(
        select(quarantine).where(
            quarantine.c.connection == home,
            quarantine.c.kind == "booking",
            quarantine.c.id == external_id,
            quarantine.c.state == "open",
        )
    ).first()
    if row is not None:
        return Stop(f"Booking {external_id} is quarantined: {row.what}", do=row.do, place=row.place)
    return Stop(
        f"There is no booking {external_id!r} from connection {home or '(none is its home)'}.",
        do="Check the id, or run `tallystick sync` first.",
    )
