"""Lines behind: the clients whose effort by contract line is to be told again.

What a change of the facts touches is marked in its own transaction, which costs a row; what it
comes to is found out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.store.at_once import AtOnce
from tallystick.store.bulk import execute_many
from tallystick.store.facts import owners
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.schema import cell_state, effort, line_behind, line_effort
from tallystick.store.streams import chunks

PLACES, PRICES = "lines", "line prices"
"""The terms sums by line are made under: those that say which line takes whose work, and the prices
by which work draws on what is prepaid."""
PLACING = {"asset": ("id", "type", "location"), "technician": ("id", "role")}
"""Kinds that move no effort but may move which line takes it, and the fields that do."""
CHUNK = 500
THEM = postgresql.insert(line_behind)
MARK = AtOnce(
    {"client": line_behind.c.client.type},
    lambda row: sqlite.insert(line_behind).values(row).on_conflict_do_nothing(),
    lambda rows: THEM.from_select(["client"], select(rows)).on_conflict_do_nothing(),
)
INSERT = insert(line_effort)
MADE_UNDER = select(cell_state).where(cell_state.c.name.in_((PLACES, PRICES)))
Placing = set[tuple[Any, ...]]


def mark(connection: Connection, clients: Collection[str]) -> None:
    """Something of these `clients` changed."""
    MARK(connection, [(one,) for one in sorted(clients)])


def forget(connection: Connection) -> None:
    """All is to be told again."""
    connection.execute(delete(cell_state).where(cell_state.c.name.in_((PLACES, PRICES))))


def made_under(connection: Connection) -> dict[str, str]:
    """The hashes of the terms the sums were made under, none where there are no sums."""
    return {row.name: row.terms_hash for row in connection.execute(MADE_UNDER)}


def begin(connection: Connection, under: Mapping[str, str]) -> None:
    """Nothing is told yet under these terms: everybody is behind."""
    _note(connection, under)
    connection.execute(delete(line_effort))
    connection.execute(delete(line_behind))
    everybody = select(effort.c.client).distinct()
    connection.execute(insert(line_behind).from_select(["client"], everybody))


def reprice(connection: Connection, under: Mapping[str, str], clients: Collection[str]) -> None:
    """Only prices are others, which may move the work of these `clients`."""
    _note(connection, under)
    mark(connection, clients)


def _note(connection: Connection, under: Mapping[str, str]) -> None:
    forget(connection)
    rows = [{"name": name, "terms_hash": terms_hash} for name, terms_hash in under.items()]
    connection.execute(insert(cell_state), rows)


def behind(connection: Connection, client: str | None, most: int) -> list[str]:
    """Up to `most` clients that are behind, or just `client` if it is."""
    asked = select(line_behind.c.client).order_by(line_behind.c.client).limit(most)
    if client is not None:
        asked = asked.where(line_behind.c.client == client)
    return list(connection.execute(asked).scalars())


def tell(connection: Connection, clients: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """`rows` are all there are of `clients` now."""
    for table in (line_effort, line_behind):
        connection.execute(delete(table).where(table.c.client.in_(clients)))
    execute_many(connection, INSERT, rows)


def placing(
    connection: Connection, terms: CellTerms, source: str, kind: str, ids: Sequence[str]
) -> Placing:
    """What the records `ids` say to which line takes work, each with whose work that is."""
    if source != terms.home("asset" if kind == "asset" else "booking"):
        return set()
    table, names = FACTS[kind], PLACING[kind]
    columns = [table.c[name] for name in names]
    if kind == "asset":
        named = owners.named_by_client(table)
        asked = named.with_only_columns(named.selected_columns["client_ref"], *columns)
    else:
        asked = select(owners.own_ref(table), *columns)
    found: Placing = set()
    for some in chunks(ids, CHUNK):
        rows = connection.execute(asked.where(table.c.connection == source, table.c.id.in_(some)))
        found.update(tuple(row) for row in rows)
    return found


def clients_of(connection: Connection, kind: str, placed: Placing) -> set[str]:
    """The clients of assets, or those that technicians worked for."""
    refs = {ref for ref, *_ in placed}
    return refs if kind == "asset" else _worked_for(connection, refs)


def _worked_for(connection: Connection, technicians: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(technicians, CHUNK):
        asked = select(effort.c.client).where(effort.c.technician.in_(some)).distinct()
        found.update(connection.execute(asked).scalars())
    return found
