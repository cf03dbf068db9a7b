"""Rows of facts by the thousand, past SQLAlchemy: which are known, writing new and changed ones.

A row is the tuple of a record's fields in the order of its kind, which is the order of the table
between `connection` and `content_hash`. SQLite takes many rows one by one, PostgreSQL takes them as
the text of one COPY, of one UPDATE as arrays. Values are converted a column at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Dialect

from tallystick.store.bulk import quick_processor
from tallystick.store.facts_schema import FACTS

Values = tuple[Any, ...]
Convert = Callable[[Any], Any]
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Arrived(NamedTuple):
    """A record's fields and the hash of them."""

    values: Values
    content_hash: str


class Known(NamedTuple):
    """What the store has of a record; `updated_at` as the driver gives it."""

    id: str
    content_hash: str
    version: int
    updated_at: Any


class Shape(NamedTuple):
    """The statements of one kind, and what converts each of its fields for the driver."""

    known: str
    insert: str
    update: str
    converts: Sequence[Convert | None]


@lru_cache(maxsize=128)
def _shape(kind: str, dialect: Dialect) -> Shape:
    table = FACTS[kind]
    quote = dialect.identifier_preparer.quote
    name, columns = quote(kind), list(table.columns)
    named = [quote(column.name) for column in columns]
    # connection, id, the other fields, content_hash, stored_at
    changed = named[2:]
    fields = columns[1:-2]
    converts = [quick_processor(column.type, dialect) for column in fields]
    told = "f.id, f.content_hash, f.version, f.updated_at"
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(named))
        sets = ", ".join(f"{one} = ?{at}" for at, one in enumerate(changed, 3))
        return Shape(
            known=f"SELECT {told} FROM json_each(?2) AS want CROSS JOIN {name} AS f"  # noqa: S608 - names of our own schema only
            " ON f.connection = ?1 AND f.id = want.value",
            insert=f"INSERT INTO {name} ({', '.join(named)}) VALUES ({marks})",  # noqa: S608 - names of our own schema only
            update=f"UPDATE {name} SET {sets} WHERE connection = ?1 AND id = ?2",  # noqa: S608 - names of our own schema only
            converts=converts,
        )
    types = [column.type.compile(dialect) for column in columns]
    arrays = ", ".join(f"%s::{one}[]" for one in types)
    sets = ", ".join(f"{one} = told.{one}" for one in changed)
    return Shape(
        # whatever it knows of the table, the planner then looks ids up one by one by the key
        known="SELECT found.* FROM unnest(%s::text[]) AS want(id)"  # noqa: S608 - names of our own schema only
        f" CROSS JOIN LATERAL (SELECT {told} FROM {name} AS f"
        " WHERE f.connection = %s AND f.id = want.id OFFSET 0) AS found",
        insert=f"COPY {name} ({', '.join(named)}) FROM STDIN",
        update=f"UPDATE {name} AS f SET {sets} FROM unnest({arrays})"  # noqa: S608 - names of our own schema only
        f" AS told({', '.join(named)}) WHERE f.connection = told.connection AND f.id = told.id",
        converts=converts,
    )


def known(connection: Connection, source: str, kind: str, ids: Sequence[str]) -> dict[str, Known]:
    """Those of `ids` that are stored, by id."""
    shape = _shape(kind, connection.dialect)
    told: tuple[Any, ...] = ([*ids], source)
    if connection.dialect.name == "sqlite":
        told = (source, msgspec.json.encode(ids).decode())
    rows = connection.exec_driver_sql(shape.known, told).all()
    return {row[0]: Known(*row) for row in rows}


def insert(
    connection: Connection, source: str, kind: str, rows: Sequence[Arrived], now: datetime
) -> None:
    shape = _shape(kind, connection.dialect)
    columns = _columns(connection, kind, source, rows, now)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(shape.insert, [*zip(*columns, strict=True)])
        return
    lines = "\n".join(map("\t".join, zip(*map(_as_text, columns), strict=True)))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(shape.insert) as copy:
        copy.write(lines)


def update(
    connection: Connection, source: str, kind: str, rows: Sequence[Arrived], now: datetime
) -> None:
    shape = _shape(kind, connection.dialect)
    columns = _columns(connection, kind, source, rows, now)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(shape.update, [*zip(*columns, strict=True)])
    else:
        connection.exec_driver_sql(shape.update, tuple(columns))


def _columns(
    connection: Connection, kind: str, source: str, rows: Sequence[Arrived], now: datetime
) -> list[list[Any]]:
    """All columns of the table, as the driver takes them."""
    shape = _shape(kind, connection.dialect)
    values, hashes = zip(*rows, strict=True)
    stored_at = quick_processor(FACTS[kind].c.stored_at.type, connection.dialect)
    fields = zip(zip(*values, strict=True), shape.converts, strict=True)
    return [
        [source] * len(rows),
        *(_converted(column, convert) for column, convert in fields),
        [*hashes],
        [now if stored_at is None else stored_at(now)] * len(rows),
    ]


def _converted(column: Iterable[Any], convert: Convert | None) -> list[Any]:
    return [*column] if convert is None else [None if v is None else convert(v) for v in column]


def _as_text(column: list[Any]) -> list[str]:
    """As COPY reads them; only where one has a character that means something to it is each
    looked at."""
    kinds = set(map(type, column))
    if kinds == {str}:
        texts = column
    elif kinds == {type(None)}:
        return [r"\N"] * len(column)
    else:
        texts = [None if v is None else v if type(v) is str else str(v) for v in column]
    whole = "".join(filter(None, texts))
    if any(one in whole for one in "\\\t\n\r"):
        texts = [None if v is None else v.translate(_ESCAPES) for v in texts]
    return [r"\N" if v is None else v for v in texts] if type(None) in kinds else texts
