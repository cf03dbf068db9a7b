"""Simulate: last months' real facts under a contract's changed terms, beside the terms in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import Placement
from tallystick.billing.what_if import (
    Change,
    HoursInBucket,
    MonthOfLine,
    changed,
    compare,
    hours_by_bucket,
)
from tallystick.cycle.pricing_client import PricedClient, price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_facts, client_of_contract


@dataclass(frozen=True, slots=True)
class Simulation:
    """A contract under changed terms; `months` also name other contracts of the client whose
    charges change with it."""

    contract: str
    client: str
    over: Period
    months: list[MonthOfLine]
    hours: list[HoursInBucket]


def simulate(
    database: Database,
    terms: BillingTerms,
    after: BillingTerms,
    ref: str,
    change: Change,
    over: Period,
) -> Simulation:
    """Price contract `ref` (an id, or `connection:id`) over `over` under `terms` as it is, and
    under `after` with `change`; raises `Stop` when there is no such contract, or when either
    cannot be priced."""
    with database.read() as connection:
        source = terms.homes.get("contract", "")
        plain = ref.removeprefix(f"{source}:")
        try:
            client = client_of_contract(connection, source, plain)
        except LookupError as some:
            do = f"Name one by its id, such as {some}."
            raise Stop(f"There is no contract {ref!r}.", do=do) from None
        found = client_facts(connection, terms.homes, over.end, terms.zone, client)
        facts = next(iter(found), None)
        if facts is None:
            raise Stop(
                f"Contract {ref} belongs to client {client}, which nobody knows.",
                do="Correct its client, or link the client in tallystick.toml, and sync again.",
            )
    full = f"{source}:{plain}"
    was = _priced(facts, terms, over)
    agreed = [changed(one, change) if one[0].id == full else one for one in facts.contracts]
    now = _priced(replace(facts, contracts=agreed), after, over)
    lines = [line for _, own in [*facts.contracts, *agreed] for line in own]
    texts = {line.id: line.description for line in lines}
    months = [
        one
        for one in compare(was.charges, now.charges, over, texts)
        if one.contract == full or one.difference
    ]
    hours = hours_by_bucket(_during(was, over), _during(now, over))
    return Simulation(full, facts.client.name, over, months, hours)


def _priced(facts: ClientFacts, terms: BillingTerms, over: Period) -> PricedClient:
    priced = price_client(facts, terms, over.end)
    for error in priced.assembled.unreadable.values():
        raise Stop(f"Line {error.ref}: {error.what}", do=error.do)
    return priced


def _during(priced: PricedClient, over: Period) -> Iterable[Placement]:
    """Where the client's work done in `over` ends."""
    worked = {work.ref for work in priced.facts.works if over.covers(work.work_date)}
    return [one for one in priced.placements if one.booking in worked]
