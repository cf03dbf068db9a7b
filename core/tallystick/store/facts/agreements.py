"""Agreements: the contracts of some clients, found by index, however many others there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from tallystick.billing.routing import Terms, read_lines
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine
from tallystick.store.facts import owners
from tallystick.store.facts.owned import HOME, IDS, names_at
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.cell_terms import CellTerms


class Agreements(NamedTuple):
    """One client's contracts that can be read, and the currency of every one."""

    readable: Sequence[Terms]
    currencies: Mapping[str, str]


NOBODY = Agreements((), {})
client, contract, line = FACTS["client"], FACTS["contract"], FACTS["contract_line"]
KNOWN = select(client.c.id).where(client.c.connection == HOME, client.c.id.in_(IDS))
CONTRACTS = (
    owners.contracts()
    .where(contract.c.connection == HOME, contract.c.client.in_(IDS))
    .order_by(contract.c.id)
)
LINES = select(line).where(line.c.connection == HOME, line.c.contract.in_(IDS)).order_by(line.c.id)


def agreements(
    connection: Connection, terms: CellTerms, clients: Iterable[str]
) -> dict[str, Agreements]:
    """The agreements of those `clients` (refs) that are home clients."""
    refs = _known(connection, terms, clients)
    if not refs:
        return {}
    home = terms.home("contract")
    of_clients = {"home": home, "ids": names_at(connection, home, refs)}
    contracts = {
        row.ref: record_of(row, Contract, id=row.ref, client=row.client_ref)
        for row in connection.execute(CONTRACTS, of_clients)
        if row.client_ref in refs
    }
    lines = _lines(connection, terms, contracts)
    found: dict[str, tuple[list[Terms], dict[str, str]]] = {ref: ([], {}) for ref in refs}
    for ref, one in contracts.items():
        readable, currencies = found[one.client]
        currencies[ref] = one.currency
        try:
            readable.append(read_lines(one, lines.get(ref, ()), terms.models))
        except SkipRecord:  # `bill propose` says why; work that names it still belongs to it
            continue
    return {ref: Agreements(*one) for ref, one in found.items()}


def _known(connection: Connection, terms: CellTerms, clients: Iterable[str]) -> set[str]:
    home = terms.home("client")
    prefix = f"{home}:"
    ids = [ref.removeprefix(prefix) for ref in clients if ref.startswith(prefix)]
    if not ids:
        return set()
    rows = connection.execute(KNOWN, {"home": home, "ids": ids})
    return {prefix + ref for ref in rows.scalars()}


def _lines(
    connection: Connection, terms: CellTerms, contracts: Mapping[str, Contract]
) -> dict[str, list[ContractLine]]:
    home = terms.home("contract_line")
    prefix = f"{home}:"
    ids = [ref.removeprefix(prefix) for ref in contracts if ref.startswith(prefix)]
    found: dict[str, list[ContractLine]] = {}
    for row in connection.execute(LINES, {"home": home, "ids": ids}):
        one = record_of(row, ContractLine, id=prefix + row.id, contract=prefix + row.contract)
        found.setdefault(one.contract, []).append(one)
    return found
