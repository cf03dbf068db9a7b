"""What is agreed: the contracts in force on a day, with their lines."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Select, select

from tallystick.billing.facts import contract_end
from tallystick.billing.routing import read_lines
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine
from tallystick.store.facts import owners
from tallystick.store.facts.by_client import contract_of, line_of
from tallystick.store.facts.owned import of_clients
from tallystick.store.facts.schema import FACTS


class Agreed(NamedTuple):
    """A contract that can be read, with its client's name; refs joined."""

    client_name: str
    contract: Contract
    lines: tuple[ContractLine, ...]


def agreed_on(
    connection: Connection, terms: BillingTerms, today: date, only: str | None
) -> list[Agreed]:
    """The contracts of home clients in force on `today`, or of client `only`, by client."""
    names = _names(connection, terms.homes.get("client", ""), only)
    lines: dict[str, list[ContractLine]] = defaultdict(list)
    for row in connection.execute(_of(connection, terms, "contract_line", only)).all():
        line = line_of(row)
        lines[line.contract].append(line)
    found = []
    for row in connection.execute(_of(connection, terms, "contract", only)).all():
        contract = contract_of(row)
        name = names.get(contract.client)
        if name is None or not contract.starts_on <= today < contract_end(contract):
            continue
        try:
            read = read_lines(contract, lines[contract.id], terms.models)
        except SkipRecord:  # `bill propose` says why
            continue
        found.append(Agreed(name, contract, tuple(line for line, _ in read.lines)))
    return sorted(found, key=lambda one: (one.contract.client, one.contract.id))


def _names(connection: Connection, home: str, only: str | None) -> dict[str, str]:
    client = FACTS["client"].c
    asked = select(client.id, client.name).where(client.connection == home)
    if only is not None:
        asked = asked.where(client.id == only.partition(":")[2])
    return {f"{home}:{ref}": name for ref, name in connection.execute(asked).all()}


def _of(
    connection: Connection, terms: BillingTerms, kind: str, only: str | None
) -> Select[tuple[object, ...]]:
    rows = owners.contracts() if kind == "contract" else owners.contract_lines()
    home = terms.homes.get(kind, "")
    rows = rows.where(FACTS[kind].c.connection == home)
    if only is None:
        return rows
    mine = of_clients(connection, kind, home, [only])
    return rows.where(rows.selected_columns["client_ref"] == only, mine)
