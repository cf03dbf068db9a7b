"""What can belong to one client, by index: a first sieve, after which `owners` says what does.

Without it every row would be joined with its ticket, contract and link only to be thrown away.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, union

from tallystick.store.facts_schema import FACTS, link


def of_client(connection: Connection, kind: str, home: str, ref: str) -> ColumnElement[bool]:
    """The rows of `kind` at connection `home` that name client `ref`, by its own id or that of a
    copy, or a contract or ticket that does."""
    table = FACTS[kind]
    if kind == "client":
        return table.c.id == ref.partition(":")[2]
    names = _names(connection, home, ref)
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


def _names(connection: Connection, home: str, ref: str) -> list[str]:
    """What `home` calls the client."""
    source, _, external_id = ref.partition(":")
    copies = select(link.c.id).where(
        link.c.kind == "client",
        link.c.connection == home,
        link.c.home_connection == source,
        link.c.home_id == external_id,
    )
    own = [external_id] if source == home else []
    return [*own, *connection.execute(copies).scalars()]
