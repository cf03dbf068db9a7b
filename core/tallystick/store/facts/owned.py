"""What can belong to some clients, by index: a first sieve, after which `owners` says what does.

Without it every row would be joined with its ticket, contract and link only to be thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, select, union

from tallystick.store.facts.schema import FACTS, link

HOME: BindParameter[Any] = bindparam("home")
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
COPIES = select(link.c.id).where(
    link.c.kind == "client", link.c.connection == HOME, link.c.home_id.in_(IDS)
)


def of_clients(
    connection: Connection, kind: str, home: str, refs: Sequence[str]
) -> ColumnElement[bool]:
    """The rows of `kind` at connection `home` that name a client of `refs`, by its own id or that
    of a copy, or a contract or ticket that does."""
    table = FACTS[kind]
    if kind == "client":
        return table.c.id.in_([ref.partition(":")[2] for ref in refs])
    names = names_at(connection, home, refs)
    contracts = _naming("contract", home, "client", names)
    if kind == "contract_line":
        return table.c.contract.in_(contracts)
    own = table.c.client.in_(names)
    if kind not in ("ticket", "booking"):
        return own
    tickets = union(
        _naming("ticket", home, "client", names), _naming("ticket", home, "contract", contracts)
    )
    if kind == "ticket":
        return table.c.id.in_(tickets)
    return table.c.id.in_(
        union(
            _naming("booking", home, "client", names),
            _naming("booking", home, "contract", contracts),
            _naming("booking", home, "ticket", tickets),
        )
    )


def _naming(kind: str, home: str, column: str, refs: Any) -> Select[Any]:
    """The ids of the rows that name one of `refs`; by one index, which `or` would not use."""
    table = FACTS[kind]
    return select(table.c.id).where(table.c.connection == home, table.c[column].in_(refs))


def names_at(connection: Connection, home: str, refs: Iterable[str]) -> list[str]:
    """What connection `home` calls those clients: its own ids, and its copies of any of them - of
    clients with the same id elsewhere too, which `owners` tells apart."""
    parts = [ref.partition(":") for ref in refs]
    own = [external_id for source, _, external_id in parts if source == home]
    copies = {"home": home, "ids": [external_id for _, _, external_id in parts]}
    return [*own, *connection.execute(COPIES, copies).scalars()]
