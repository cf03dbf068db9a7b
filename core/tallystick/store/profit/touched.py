"""Touched: the bookings and costs whose stamp a change of other records may change.

Asked before the change and after it, so that what leaves and what arrives are both found. Every
question is answered by an index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select

from tallystick.store.facts import owners
from tallystick.store.facts.schema import FACTS, link
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.schema import direct_cost, effort
from tallystick.store.streams import chunks

CHUNK = 500
booking, ticket, contract = FACTS["booking"], FACTS["ticket"], FACTS["contract"]
contract_line, cost_rate = FACTS["contract_line"], FACTS["cost_rate"]
WATCHED = frozenset(
    {"booking", "ticket", "contract", "contract_line", "client", "cost_rate", "cost", "usage"}
    | {"link.client", "link.asset"}
)
"""Kinds of change that can move effort or cost; a link is named after what it links."""


class Touched(NamedTuple):
    """External ids of home bookings, and per kind those of costs and usages."""

    bookings: set[str]
    costs: set[str]
    usages: set[str]

    def __or__(self, other: object) -> Touched:
        if not isinstance(other, Touched):
            return NotImplemented
        return Touched(*(a | b for a, b in zip(self, other, strict=True)))


def touched(
    connection: Connection, terms: CellTerms, source: str, kind: str, ids: Sequence[str]
) -> Touched:
    """What depends on records `ids` of `kind`, as the store has them now."""
    found = Touched(set(), set(), set())
    for some in chunks(ids, CHUNK):
        match kind:
            case "booking" if source == terms.home("booking"):
                found.bookings.update(some)
            case "cost" if source == terms.home("cost"):
                found.costs.update(some)
            case "usage" if source == terms.home("usage"):
                found.usages.update(some)
            case "ticket":
                _of_tickets(connection, terms, source, ticket.c.id.in_(some), found)
            case "link.asset":
                _of_tickets(connection, terms, source, ticket.c.asset.in_(some), found)
            case "contract":
                _of_contracts(connection, terms, source, some, found)
            case "contract_line":
                rows = select(contract_line.c.contract).where(
                    contract_line.c.connection == source, contract_line.c.id.in_(some)
                )
                named = list(set(connection.execute(rows).scalars()))
                _of_contracts(connection, terms, source, named, found)
            case "client":
                _of_clients(connection, terms, [f"{source}:{one}" for one in some], found)
            case "link.client":
                _of_clients(connection, terms, _linked(connection, source, some), found)
            case "cost_rate" if source == terms.home("cost_rate"):
                _of_rates(connection, terms, source, some, found)
            case _:
                pass
    return found


def _of_tickets(
    connection: Connection,
    terms: CellTerms,
    source: str,
    which: ColumnElement[bool],
    found: Touched,
) -> None:
    ids = list(
        connection.execute(
            select(ticket.c.id).where(ticket.c.connection == source, which)
        ).scalars()
    )
    for kind, into in (("booking", found.bookings), ("cost", found.costs)):
        if source == terms.home(kind):
            table = FACTS[kind]
            for some in chunks(ids, CHUNK):
                into.update(
                    connection.execute(
                        select(table.c.id).where(
                            table.c.connection == source, table.c.ticket.in_(some)
                        )
                    ).scalars()
                )


def _of_contracts(
    connection: Connection, terms: CellTerms, source: str, ids: list[str], found: Touched
) -> None:
    """What names the contract, through its ticket too, and all of its client's."""
    kinds = (("booking", found.bookings), ("cost", found.costs), ("usage", found.usages))
    for kind, into in kinds:
        table = FACTS[kind]
        if source == terms.home(kind):
            statement = select(table.c.id).where(
                table.c.connection == source, table.c.contract.in_(ids)
            )
            into.update(connection.execute(statement).scalars())
    _of_tickets(connection, terms, source, ticket.c.contract.in_(ids), found)
    clients = owners.contracts().where(contract.c.connection == source, contract.c.id.in_(ids))
    refs = {row.client_ref for row in connection.execute(clients)}
    _of_clients(connection, terms, sorted(refs), found)


def _of_clients(
    connection: Connection, terms: CellTerms, refs: Sequence[str], found: Touched
) -> None:
    for some in chunks(refs, CHUNK):
        of = connection.execute(select(effort.c.booking).where(effort.c.client.in_(some)))
        found.bookings.update(_ids(of.scalars(), terms.home("booking")))
        sources = connection.execute(
            select(direct_cost.c.source).where(direct_cost.c.client.in_(some))
        )
        for one in sources.scalars():
            kind, _, ref = one.partition(":")
            into = found.costs if kind == "cost" else found.usages
            into.update(_ids([ref], terms.home(kind)))


def _ids(refs: Any, home: str) -> Iterator[str]:
    prefix = f"{home}:"
    return (ref.removeprefix(prefix) for ref in refs if ref.startswith(prefix))


def _linked(connection: Connection, source: str, ids: list[str]) -> list[str]:
    """The client as its own connection calls it, and the home client it is linked to."""
    rows = connection.execute(
        select(link).where(link.c.kind == "client", link.c.connection == source, link.c.id.in_(ids))
    )
    homes = {f"{row.home_connection}:{row.home_id}" for row in rows}
    return sorted(homes | {f"{source}:{one}" for one in ids})


def _of_rates(
    connection: Connection, terms: CellTerms, source: str, ids: list[str], found: Touched
) -> None:
    """Work of the rates' technicians from the day the rate begins."""
    since: dict[str, date] = {}
    rows = connection.execute(
        select(cost_rate.c.technician, cost_rate.c.valid_from).where(
            cost_rate.c.connection == source, cost_rate.c.id.in_(ids)
        )
    )
    for technician, day in rows:
        ref = f"{source}:{technician}"
        since[ref] = min(since.get(ref, day), day)
    for some in chunks(since.items(), 100):
        which = [(effort.c.technician == ref) & (effort.c.work_date >= day) for ref, day in some]
        of = connection.execute(select(effort.c.booking).where(or_(*which)))
        found.bookings.update(_ids(of.scalars(), terms.home("booking")))
