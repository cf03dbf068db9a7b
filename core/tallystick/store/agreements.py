"""Agreements: the contracts of some clients, found by index, however many others there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from tallystick.billing.routing import Terms, read_lines
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine
from tallystick.store import owners
from tallystick.store.cell_terms import CellTerms
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS, link


class Agreements(NamedTuple):
    """One client's contracts that can be read, and the currency of every one."""

    readable: Sequence[Terms]
    currencies: Mapping[str, str]


NOBODY = Agreements((), {})


def agreements(
    connection: Connection, terms: CellTerms, clients: Iterable[str]
) -> dict[str, Agreements]:
    """The agreements of those `clients` (refs) that are home clients."""
    refs = _known(connection, terms, clients)
    home = terms.home("contract")
    contract = FACTS["contract"]
    of_clients = owners.contracts().where(
        contract.c.connection == home, contract.c.client.in_(_ids_at(connection, home, refs))
    )
    contracts = {
        row.ref: record_of(row, Contract, id=row.ref, client=row.client_ref)
        for row in connection.execute(of_clients.order_by(contract.c.id))
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
    client, prefix = FACTS["client"], f"{terms.home('client')}:"
    ids = [ref.removeprefix(prefix) for ref in clients if ref.startswith(prefix)]
    rows = connection.execute(
        select(client.c.id).where(client.c.connection == prefix[:-1], client.c.id.in_(ids))
    )
    return {prefix + ref for ref in rows.scalars()}


def _ids_at(connection: Connection, home: str, refs: Iterable[str]) -> list[str]:
    """What connection `home` calls those clients: its own ids, and its copies of others'."""
    own: list[str] = []
    of_others: list[str] = []
    for ref in refs:
        source, _, external_id = ref.partition(":")
        (own if source == home else of_others).append(external_id)
    copies = connection.execute(
        select(link.c.id).where(
            link.c.kind == "client", link.c.connection == home, link.c.home_id.in_(of_others)
        )
    )
    return [*own, *(copies.scalars() if of_others else ())]


def _lines(
    connection: Connection, terms: CellTerms, contracts: Mapping[str, Contract]
) -> dict[str, list[ContractLine]]:
    line, home = FACTS["contract_line"], terms.home("contract_line")
    prefix = f"{home}:"
    ids = [ref.removeprefix(prefix) for ref in contracts if ref.startswith(prefix)]
    rows = connection.execute(
        select(line).where(line.c.connection == home, line.c.contract.in_(ids)).order_by(line.c.id)
    )
    found: dict[str, list[ContractLine]] = {}
    for row in rows:
        one = record_of(row, ContractLine, id=prefix + row.id, contract=prefix + row.contract)
        found.setdefault(one.contract, []).append(one)
    return found
