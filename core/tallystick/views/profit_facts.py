"""Facts to price for a table: all of them only where what a line takes depends on what came before.

An allowance and a prepaid balance remember; any other line takes work by itself, so that the work
of the period is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel
from tallystick.cycle.terms import BillingTerms
from tallystick.store import owners
from tallystick.store.facts import client_facts
from tallystick.store.facts_schema import FACTS
from tallystick.views.profit_scope import Scope

FEW = 100
"""Beyond so many clients it is sooner done to read all of them in one go."""


def remembering(connection: Connection, terms: BillingTerms, scope: Scope) -> set[str]:
    """The clients with a line that includes or has prepaid anything."""
    lines = owners.contract_lines()
    client = lines.selected_columns["client_ref"]
    at_home = FACTS["contract_line"].c.connection == terms.homes.get("contract_line", "")
    rows = connection.execute(lines.where(at_home, *scope.whose(client)))
    return {row.client_ref for row in rows if _remembers(terms.models.get(row.model), row.terms)}


def _remembers(model: ChargeModel | None, terms: Mapping[str, Any]) -> bool:
    drawn = model is not None and model.takes == "drawn"
    covers = terms.get("covers")
    allowed = isinstance(covers, Mapping) and "allowance_hours" in covers
    return drawn or allowed or "included" in terms


def facts_of(
    connection: Connection, terms: BillingTerms, scope: Scope, clients: Collection[str]
) -> Iterator[ClientFacts]:
    """All facts of `clients` up to the end of the scope, each by itself where they are few."""
    until = scope.period.end
    few = sorted(clients) if len(clients) <= FEW else [None]
    for only in few:
        for facts in client_facts(connection, terms.homes, until, terms.zone, only):
            if facts.client.id in clients:
                yield facts


def placing(
    connection: Connection, terms: BillingTerms, scope: Scope, clients: set[str], since: date
) -> Iterator[ClientFacts]:
    """What says which line takes the work of `clients` done since a day."""
    whole = remembering(connection, terms, scope) & clients
    yield from facts_of(connection, terms, scope, whole)
    rest, until = clients - whole, scope.period.end
    if not rest:
        return
    for facts in client_facts(
        connection, terms.homes, until, terms.zone, scope.client, since=since
    ):
        if facts.client.id in rest:
            yield facts
