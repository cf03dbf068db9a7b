"""Assembling: one client's loose facts sorted to the contracts they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from tallystick.billing.charges import ChargeModel, Placement
from tallystick.billing.facts import Facts, Incident, Work
from tallystick.billing.routing import Terms, read_lines, route, route_incident
from tallystick.errors import SkipRecord
from tallystick.records import (
    Asset,
    Client,
    Contact,
    Contract,
    ContractLine,
    Licence,
    Usage,
)


class ClientFacts(Struct, frozen=True):
    """Everything known about one client, references joined, contracts not yet told apart.

    `later` are the bases of bookings and closed tickets that lie after the time asked for.
    """

    client: Client
    contracts: Sequence[tuple[Contract, Sequence[ContractLine]]] = ()
    works: Sequence[Work] = ()
    incidents: Sequence[Incident] = ()
    assets: Sequence[Asset] = ()
    users: Sequence[Contact] = ()
    licences: Sequence[Licence] = ()
    usages: Sequence[Usage] = ()
    completed: Mapping[str, date] = field(default_factory=dict)
    ticket_contracts: Mapping[str, str] = field(default_factory=dict)
    later: Set[str] = frozenset()


class Assembled(Struct, frozen=True):
    """Facts per contract, the bookings no contract takes, contracts that cannot be read, and the
    incidents nobody can tell the contract of, with the reason."""

    contracts: tuple[Facts, ...]
    unrouted: tuple[Placement, ...]
    routes: Mapping[str, str]
    unreadable: Mapping[str, SkipRecord]
    uncounted: Mapping[str, str]


def assemble(facts: ClientFacts, models: Mapping[str, ChargeModel]) -> Assembled:
    """Every booking and incident to one contract, or to nobody with the reason."""
    readable: list[Terms] = []
    unreadable: dict[str, SkipRecord] = {}
    for contract, lines in facts.contracts:
        try:
            readable.append(read_lines(contract, lines, models))
        except SkipRecord as error:
            unreadable[contract.id] = error
    works: dict[str, list[Work]] = defaultdict(list)
    incidents: dict[str, list[Incident]] = defaultdict(list)
    unrouted: list[Placement] = []
    routes: dict[str, str] = {}
    uncounted: dict[str, str] = {}
    known = {terms.contract.id for terms in readable}
    for work in facts.works:
        found = route(work, facts.ticket_contracts.get(work.ticket or ""), readable)
        routes[work.ref] = found.reason
        if found.contract in known and found.contract is not None and not found.held:
            own = work.contract == found.contract
            works[found.contract].append(work if own else replace(work, contract=found.contract))
        else:
            why = found.reason
            if found.contract is not None and not found.held:
                cannot = "cannot be read" if found.contract in unreadable else "nobody knows"
                why = f"{found.reason}, which {cannot}"
            unrouted.append(Placement(work.ref, "held", None, work.seconds, 0, (why,)))
    for incident in facts.incidents:
        counted = route_incident(incident, readable)
        if counted.contract in known and counted.contract is not None:
            incidents[counted.contract].append(incident)
        elif counted.reason:
            uncounted[incident.ref] = counted.reason
    return Assembled(
        contracts=tuple(
            Facts(
                contract=terms.contract,
                lines=tuple(line for line, _ in terms.lines),
                works=tuple(works[terms.contract.id]),
                incidents=tuple(incidents[terms.contract.id]),
                assets=tuple(facts.assets),
                users=tuple(facts.users),
                licences=_of_contract(facts.licences, terms.contract.id),
                usages=_of_contract(facts.usages, terms.contract.id),
                completed=facts.completed,
            )
            for terms in readable
        ),
        unrouted=tuple(unrouted),
        routes=routes,
        unreadable=unreadable,
        uncounted=uncounted,
    )


Owned = TypeVar("Owned", Licence, Usage)


def _of_contract(records: Sequence[Owned], contract: str) -> tuple[Owned, ...]:
    """What names this contract, and what names none: that counts wherever a line asks for it."""
    return tuple(one for one in records if one.contract in (None, contract))
