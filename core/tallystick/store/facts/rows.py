"""Rows of facts by the thousand, past SQLAlchemy: which are known, writing new and changed ones.

Columns come in the order of the kind's fields, which is the order of its table between `connection`
and `content_hash`, and in the form that SQLite stores: numbers, truth values and texts, instants
as UTC. SQLite takes the rows one by one, PostgreSQL as the text of one COPY, or of an array for
each column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Boolean, Connection, Date, Dialect, Table

from tallystick.store import text_form
from tallystick.store.bulk import driver_cursor
from tallystick.store.columns import DecimalText, Instant, Json, Texts, instant_text
from tallystick.store.facts.schema import FACTS

Column = Sequence[Any]
_BEHIND_KEY = 2
"""The place of the first column behind connection and id."""


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _each(form: Callable[[Any], Any]) -> Callable[[Column], Column]:
    return lambda column: [None if value is None else form(value) for value in column]


_each_instant = _each(instant_text)


def _days(column: Column) -> Column:
    """Each day once, as a batch has few."""
    told = {day: None if day is None else day.isoformat() for day in {*column}}
    return [told[day] for day in column]


def _instants(column: Column) -> Column:
    """As `instant_text`; those without a fraction, which most are, at once by their JSON."""
    plain = msgspec.json.encode(column)
    if b"." in plain or b"+" in plain or plain.count(b"-") != 2 * plain.count(b"Z"):
        return _each_instant(column)
    told: Column = msgspec.json.decode(plain.replace(b"T", b" ").replace(b"Z", b".000000"))
    return told


_FORMS: dict[type, Callable[[Column], Column]] = {
    Boolean: _each(int),
    Instant: _instants,
    Date: _days,
    DecimalText: _each(str),
    Json: _each(_json_text),
    Texts: _each(_json_text),
}


class Update(NamedTuple):
    """What changes the columns at `places` of a row, told its connection and id before these."""

    text: str
    places: Sequence[int]


class Shape(NamedTuple):
    """The statements of one kind, and which of its columns PostgreSQL needs a time zone with."""

    known: str
    ages: str
    insert: str
    updates: Sequence[Update]
    instants: Sequence[bool]


def stored_form(kind: str, columns: Sequence[Column]) -> list[Column]:
    """The fields of records as they are stored."""
    forms = zip(_forms(kind), columns, strict=True)
    return [column if form is None else form(column) for form, column in forms]


@lru_cache
def _forms(kind: str) -> list[Callable[[Column], Column] | None]:
    return [_FORMS.get(type(column.type)) for column in list(FACTS[kind].columns)[1:-2]]


@lru_cache(maxsize=128)
def _shape(kind: str, dialect: Dialect) -> Shape:
    quote = dialect.identifier_preparer.quote
    name, columns = quote(kind), list(FACTS[kind].columns)
    named = [quote(column.name) for column in columns]
    listed = ", ".join(named)
    instants = [isinstance(column.type, Instant) for column in columns]
    if dialect.name == "sqlite":
        found = (
            f"FROM json_each(?) AS want CROSS JOIN {name} AS f"
            " ON f.connection = ? AND f.id = want.value"
        )
        return Shape(
            f"SELECT f.id, f.content_hash {found}",
            f"SELECT f.id, f.version, f.updated_at {found}",
            f"INSERT INTO {name} ({listed}) VALUES ",  # noqa: S608 - names of our own schema
            _updates(name, FACTS[kind], named),
            instants,
        )
    # whatever the planner knows of the table, it then looks ids up one by one by the key
    found = (
        f"FROM unnest(%s::text[]) AS want(id) CROSS JOIN LATERAL (SELECT * FROM {name} AS f"  # noqa: S608 - names of our own schema
        " WHERE f.connection = %s AND f.id = want.id OFFSET 0) AS f"
    )
    as_stored = "to_char(f.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    arrays = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in columns)
    sets = ", ".join(f"{one} = excluded.{one}" for one in named[_BEHIND_KEY:])
    return Shape(
        f"SELECT f.id, f.content_hash {found}",
        f"SELECT f.id, f.version, {as_stored} {found}",
        f"COPY {name} ({listed}) FROM STDIN",
        # an UPDATE would be joined by whatever the planner believes, and read the whole table
        [
            Update(
                f"INSERT INTO {name} ({listed}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own schema
                f" ON CONFLICT (connection, id) DO UPDATE SET {sets}",
                range(_BEHIND_KEY, len(columns)),
            )
        ],
        instants,
    )


def _updates(name: str, table: Table, named: Sequence[str]) -> list[Update]:
    """For SQLite, which writes the entry of each index anew that a statement could change: what no
    index has, then what one has, where that is something else now."""
    sought = {column.name for index in table.indexes for column in index.columns}
    places = [*enumerate(table.columns)][_BEHIND_KEY:]
    plain = [at for at, column in places if column.name not in sought]
    keyed = [at for at, column in places if column.name in sought]
    here = "WHERE connection = ?1 AND id = ?2"
    told = [Update(f"UPDATE {name} SET {_sets(named, plain)} {here}", plain)]  # noqa: S608 - names of our own schema
    if keyed:
        differs = " OR ".join(f"{named[at]} IS NOT ?{nth}" for nth, at in enumerate(keyed, 3))
        text = f"UPDATE {name} SET {_sets(named, keyed)} {here} AND ({differs})"  # noqa: S608 - names of our own schema
        told.append(Update(text, keyed))
    return told


def _sets(named: Sequence[str], places: Sequence[int]) -> str:
    return ", ".join(f"{named[at]} = ?{nth}" for nth, at in enumerate(places, 3))


def hashes(connection: Connection, source: str, kind: str, ids: Column) -> dict[str, str]:
    """The content hash of those of `ids` that are stored."""
    return dict(_found(connection, _shape(kind, connection.dialect).known, source, ids))


def ages(
    connection: Connection, source: str, kind: str, ids: Column
) -> dict[str, tuple[int, str | None]]:
    """Version and instant of the last change of those of `ids` that are stored."""
    rows = _found(connection, _shape(kind, connection.dialect).ages, source, ids)
    return {ref: (version, updated_at) for ref, version, updated_at in rows}


def _found(connection: Connection, text: str, source: str, ids: Column) -> Iterator[Any]:
    sqlite = connection.dialect.name == "sqlite"
    with driver_cursor(connection) as cursor:
        cursor.execute(text, (_json_text(ids) if sqlite else text_form.array(ids), source))
        yield from cursor


def insert(connection: Connection, kind: str, columns: Sequence[Column]) -> None:
    """New rows; `columns` are all of the table's."""
    shape = _shape(kind, connection.dialect)
    with driver_cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            empty = [*map(_is_empty, columns)]
            marks = ", ".join("NULL" if none else "?" for none in empty)
            told = (column for column, none in zip(columns, empty, strict=True) if not none)
            cursor.executemany(f"{shape.insert} ({marks})", zip(*told, strict=True))
            return
        texts = map(text_form.copied, _zoned(shape, columns))
        lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
        with cursor.copy(shape.insert) as copy:
            copy.write(lines)


def _is_empty(column: Column) -> bool:
    """Whether nothing is told of the field. SQLite's driver asks its adapters about every None (and
    every truth value), which takes as long as it takes to hand over six texts."""
    return column[0] is None and column.count(None) == len(column)


def update(connection: Connection, kind: str, columns: Sequence[Column]) -> None:
    """Rows that are there already; `columns` are all of the table's."""
    shape = _shape(kind, connection.dialect)
    with driver_cursor(connection) as cursor:
        for one in shape.updates:
            told = [columns[at] for at in (*range(_BEHIND_KEY), *one.places)]
            if connection.dialect.name == "sqlite":
                cursor.executemany(one.text, zip(*told, strict=True))
            else:
                cursor.execute(one.text, [*map(text_form.array, _zoned(shape, told))])


def _zoned(shape: Shape, columns: Sequence[Column]) -> Iterable[Column]:
    """PostgreSQL takes an instant without a zone for one of the session's."""
    for is_instant, column in zip(shape.instants, columns, strict=True):
        if is_instant:
            yield [None if value is None else f"{value}+00" for value in column]
        else:
            yield column
