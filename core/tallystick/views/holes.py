"""Holes over all clients: what no contract prices, and what two of them do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tallystick.billing.holes import Hole, holes
from tallystick.cycle.terms import BillingTerms
from tallystick.store.database import Database
from tallystick.store.facts import client_facts
from tallystick.store.facts_schema import FACTS


@dataclass(frozen=True, slots=True)
class ClientHoles:
    """A client by ref and name, and its holes."""

    client: str
    name: str
    holes: list[Hole]


def find_holes(
    database: Database, terms: BillingTerms, today: date, progress: Callable[[int], None]
) -> list[ClientHoles]:
    """Every client that has holes in its contracts as they are in force on `today`."""
    booking = FACTS["booking"]
    found = []
    with database.read() as connection:
        kinds = select(booking.c.work_type).where(
            booking.c.connection == terms.homes.get("booking", ""), booking.c.work_type.is_not(None)
        )
        work_types = sorted(connection.execute(kinds.distinct()).scalars())
        for facts in client_facts(connection, terms.homes, date.max, terms.zone):
            own = holes(facts, terms.models, terms.book, today, work_types)
            if own:
                found.append(ClientHoles(facts.client.id, facts.client.name, own))
            progress(1)
    return found
