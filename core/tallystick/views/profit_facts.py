"""Facts to price for a table: those of clients with a line that remembers.

An allowance and a prepaid balance do: what they take depends on what came before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel
from tallystick.cycle.terms import BillingTerms
from tallystick.store.facts import owners
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.schema import FACTS
from tallystick.store.streams import chunks
from tallystick.views.profit_scope import Scope, whose

CHUNK = 500
"""So many clients are read together."""


def remembering(connection: Connection, terms: BillingTerms, scope: Scope) -> set[str]:
    """The clients with a line that includes or has prepaid anything."""
    lines = owners.contract_lines()
    client = lines.selected_columns["client_ref"]
    at_home = FACTS["contract_line"].c.connection == terms.homes.get("contract_line", "")
    asked = lines.where(at_home, *whose(client, scope.of_one))
    rows = connection.execute(asked, scope.values)
    return {row.client_ref for row in rows if _remembers(terms.models.get(row.model), row.terms)}


def _remembers(model: ChargeModel | None, terms: Mapping[str, Any]) -> bool:
    drawn = model is not None and model.takes == "drawn"
    covers = terms.get("covers")
    allowed = isinstance(covers, Mapping) and "allowance_hours" in covers
    return drawn or allowed or "included" in terms


def facts_of(
    connection: Connection, terms: BillingTerms, scope: Scope, clients: Collection[str]
) -> Iterator[ClientFacts]:
    """All facts of `clients` up to the end of the scope."""
    for some in chunks(sorted(clients), CHUNK):
        yield from client_facts(connection, terms.homes, scope.period.end, terms.zone, some)
