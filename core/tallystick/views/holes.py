"""Holes over all clients: what no contract prices, what two of them do, rates for nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection, literal, select

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.facts import contract_end
from tallystick.billing.holes import Hole, holes, rates_for_nothing
from tallystick.cycle.terms import BillingTerms
from tallystick.store.database import Database
from tallystick.store.facts import owners
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.schema import FACTS
from tallystick.store.streams import chunks

CHUNK = 500
NO_LINE = ("unreadable", "covers_nothing")
"""Holes of contracts that have no line in force."""
RATES = "rate cards"
VALUES = {
    "work_type": ("booking", "work_type"),
    "role": ("technician", "role"),
    "ticket_type": ("ticket", "type"),
    "priority": ("ticket", "priority"),
    "asset_type": ("asset", "type"),
    "client": ("client", None),
    "contract": ("contract", None),
    "technician": ("technician", None),
}
"""Where the values are that rates name: a column of a kind, or the refs of its records."""


@dataclass(frozen=True, slots=True)
class Holes:
    """Whose they are: a client by ref and name, or the rate cards; and the holes."""

    of: str
    name: str
    holes: list[Hole]


def find_holes(
    database: Database, terms: BillingTerms, today: date, progress: Callable[[int], None]
) -> list[Holes]:
    """Every client that has holes in its contracts as they are in force on `today`, and the rate
    cards if they have any."""
    with database.read() as connection:
        known = _known(connection, terms)
        find = partial(
            holes,
            models=terms.models,
            book=terms.book,
            today=today,
            work_types=known.get("work_type", frozenset()),
        )
        named, idle = {}, []
        for facts in client_facts(connection, terms.homes, date.max, terms.zone, worked=False):
            own = find(facts)
            if own:
                named[facts.client.id] = Holes(facts.client.id, facts.client.name, own)
            if _may_be_idle(facts, own, today):
                idle.append(facts.client.id)
            progress(1)
        for some in chunks(idle, CHUNK):
            for facts in client_facts(connection, terms.homes, date.max, terms.zone, some):
                if own := find(facts):
                    named[facts.client.id] = Holes(facts.client.id, facts.client.name, own)
    found = [named[ref] for ref in sorted(named)]
    pointless = list(rates_for_nothing(terms.book.cards.values(), known))
    return [*found, Holes(RATES, RATES, pointless)] if pointless else found


def _may_be_idle(facts: ClientFacts, own: Sequence[Hole], today: date) -> bool:
    """Whether no line may be in force: only then does it matter what work there is, and of few
    clients the bookings are read."""
    in_force = any(one.starts_on <= today < contract_end(one) for one, _ in facts.contracts)
    return not in_force or any(hole.code in NO_LINE for hole in own)


def _known(connection: Connection, terms: BillingTerms) -> dict[str, frozenset[str]]:
    """The values there are of work types, and of what the rates of any card name, without those of
    which there are none yet. Where most rows have one, SQLite is kept from the index on their
    connection: to go by it to each row takes four times as long as to read all of them."""
    rates = [rate for card in terms.book.cards.values() for rate in card.rates]
    asked = {"work_type", *(name for name in VALUES if any(rate.values(name) for rate in rates))}
    known = {}
    for name, (kind, column) in VALUES.items():
        if name not in asked:
            continue
        table = FACTS[kind]
        value = table.c[column] if column else owners.own_ref(table)
        at = table.c.connection + literal("") if column else table.c.connection
        statement = select(value).where(at == terms.homes.get(kind, ""), value.is_not(None))
        statement = statement.distinct()
        if values := frozenset(connection.execute(statement).scalars()):
            known[name] = values
    return known
