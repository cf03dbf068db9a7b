"""What was used of what contracts include or have prepaid, beside the rows of a profit table.

Which work an allowance or a balance takes depends on all that came before it, so it is priced
again: of the clients that have any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from tallystick.billing.assemble import ClientFacts
from tallystick.cycle.pricing_client import price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.allowances import AllowanceUnit, LineUsed, Units, Used, used
from tallystick.insight.profit import RowKey
from tallystick.period import Period
from tallystick.records import Contract
from tallystick.store.facts.by_client import client_facts
from tallystick.views.profit_facts import facts_of, remembering
from tallystick.views.profit_scope import Scope

ALLOWED = ("contract", "client", "line")
"""Tables allowances can be told in: what an allowance belongs to."""
Allowances = Mapping[RowKey, Units]


def allowances(connection: Connection, terms: BillingTerms, scope: Scope, by: str) -> Allowances:
    """What the scope used by row, and in all by currency in the row `total`."""
    found: dict[RowKey, dict[AllowanceUnit, Used]] = {}
    for facts in facts_of(connection, terms, scope, remembering(connection, terms, scope)):
        for contract, one in _used(facts, terms, scope.period):
            named = {"contract": contract.id, "client": facts.client.id, "line": one.line}
            for ref in (named[by], "total"):
                units = found.setdefault(RowKey(ref, contract.currency), {})
                units[one.unit] = units.get(one.unit, Used()).plus(one.of)
    return found


def allowances_of(
    connection: Connection, terms: BillingTerms, client: str, period: Period
) -> Iterator[tuple[Contract, LineUsed]]:
    """What `period` used of each line of one client's contracts."""
    for facts in client_facts(connection, terms.homes, period.end, terms.zone, client):
        yield from _used(facts, terms, period)


def _used(
    facts: ClientFacts, terms: BillingTerms, period: Period
) -> Iterator[tuple[Contract, LineUsed]]:
    """A contract that cannot be priced has nothing here; proposing it says why."""
    priced = price_client(facts, terms, period.end)
    for own in priced.assembled.contracts:
        if pricing := priced.pricings.get(own.contract.id):
            for one in used(own, pricing, terms.models, period):
                yield own.contract, one
