"""Chains in the store: sealing rows as they are added, reading them back to be checked.

A row is read as the database holds it: what SQLite was made to hold in place of a date is told
as a fault of its row, and stops nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    bindparam,
    insert,
    select,
    type_coerce,
    update,
)

from tallystick.books.chain import EMPTY, Fault, Head, Sealed, faults
from tallystick.store.books.schema import chain_head, control_event, entry, period_event, posting
from tallystick.store.streams import chunks

Chain = Literal["journal", "periods", "control"]
CHAINS: tuple[Chain, ...] = ("journal", "periods", "control")

ENTRY = (
    *("id", "source", "booked_on", "belongs_on", "narration", "recorded_at"),
    *("position", "account", "amount_minor", "currency"),
    *("client", "contract", "line", "service_month", "reported_in"),
)
"""What an entry's hash is over: its own columns, then those of each of its postings."""
OWN = 6
TOLD_EVERY = 1000
EVENTS = {"periods": period_event, "control": control_event}
JSON = ("checklist", "detail")


def head_of(connection: Connection, chain: Chain) -> Head:
    """Where the chain ends; to be asked in its turn by whoever adds to it."""
    row = connection.execute(_HEAD, {"of_chain": chain}).first()
    return Head(row.length, row.hash) if row else EMPTY


def move_head(connection: Connection, chain: Chain, before: Head, after: Head) -> None:
    if before.length == 0:
        connection.execute(insert(chain_head).values(chain=chain, **after._asdict()))
    else:
        connection.execute(_MOVED, {"of_chain": chain, **after._asdict()})


def written(value: Any) -> Any:
    """A value as a hash is taken over it: days and instants (UTC) as SQLite writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value if value is None or isinstance(value, int | str) else str(value)


def broken(
    connection: Connection,
    chain: Chain,
    anchors: Iterable[Head] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> list[Fault]:
    """Every fault of a chain; the journal's is also checked against the heads that closings
    noted."""
    rows = _entries(connection) if chain == "journal" else _events(connection, EVENTS[chain])
    known = list(anchors)
    if chain == "journal":
        noted = select(period_event.c.entries, period_event.c.entries_hash)
        known += [Head(*row) for row in connection.execute(noted) if row.entries]
    found = list(faults(_counted(rows, progress), head_of(connection, chain), known))
    return found + (_strays(connection) if chain == "journal" else [])


def _counted(rows: Iterable[Sealed], progress: Callable[[int], None]) -> Iterator[Sealed]:
    for some in chunks(rows, TOLD_EVERY):
        yield from some
        progress(len(some))


def _entries(connection: Connection) -> Iterator[Sealed]:
    table = {**dict(posting.columns), **dict(entry.columns)}
    statement = (
        select(entry.c.hash, *(_as_stored(connection, table[name]) for name in ENTRY))
        .join(posting, posting.c.entry == entry.c.id, isouter=True)
        .order_by(entry.c.id, posting.c.position)
        .execution_options(yield_per=5000)
    )
    rows = connection.execute(statement)
    for _, group in groupby(rows, key=lambda row: row[1]):
        legs = list(group)
        sealed_hash, *own = legs[0][: OWN + 1]
        content = [
            *map(written, own),
            [[written(value) for value in leg[OWN + 1 :]] for leg in legs],
        ]
        yield Sealed(own[0], f"Entry {own[0]} ({own[1]})", content, sealed_hash)


def _events(connection: Connection, table: Table) -> Iterator[Sealed]:
    columns = [_as_stored(connection, one) for one in table.columns if one.name != "hash"]
    statement = select(table.c.hash, *columns).order_by(table.c.id)
    for sealed_hash, *own in connection.execute(statement):
        yield Sealed(own[0], f"{own[1]} of {own[2]}", list(map(written, own)), sealed_hash)


def _as_stored(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    return type_coerce(column, Text) if _is_text(connection, column) else column


def _is_text(connection: Connection, column: Column[Any]) -> bool:
    if column.name in JSON:
        return True
    return connection.dialect.name == "sqlite" and column.name not in ("id", "position")


def _strays(connection: Connection) -> list[Fault]:
    """Postings of entries there are not."""
    alone = (
        select(posting.c.entry)
        .join(entry, entry.c.id == posting.c.entry, isouter=True)
        .where(entry.c.id.is_(None))
        .distinct()
    )
    return [
        Fault(row.entry, "it has postings, but is missing") for row in connection.execute(alone)
    ]


_HEAD = select(chain_head).where(chain_head.c.chain == bindparam("of_chain"))
_MOVED = update(chain_head).where(chain_head.c.chain == bindparam("of_chain"))
