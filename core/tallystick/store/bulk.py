"""Bulk: one statement over many rows, handed to the driver as it is.

SQLAlchemy looks at every parameter of every row, which costs more than what the database does with
them. Here a statement is compiled once, and only values the driver cannot take are converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Date, Delete, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Statement = Insert | Update | Delete
Row = Mapping[str, Any]


class Compiled(NamedTuple):
    """The text, the names of its parameters in their order, what converts some of them by their
    place, and whether the driver takes them by place instead of by name."""

    text: str
    names: Sequence[str]
    converts: Sequence[tuple[int, Callable[[Any], Any]]]
    by_place: bool


def execute_many(connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
    """`statement` for each of `rows`, which give two or more parameters by name. It should be one
    that is made once, as what it compiles to is kept with it."""
    if rows:
        names = _compiled(statement, connection.dialect).names
        execute_tuples(connection, statement, names, list(map(itemgetter(*names), rows)))


def execute_tuples(
    connection: Connection,
    statement: Statement,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """As `execute_many`, of rows that are the parameters `names` in that order."""
    if not rows:
        return
    compiled = _compiled(statement, connection.dialect)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    told: list[Any] = [columns[name] for name in compiled.names]
    for at, convert in compiled.converts:
        told[at] = map(convert, told[at])
    values = zip(*told, strict=True)
    if compiled.by_place:
        given: list[Any] = [*values]
    else:
        given = [dict(zip(compiled.names, row, strict=True)) for row in values]
    with driver_cursor(connection) as cursor:
        cursor.executemany(compiled.text, given)


def execute_once(connection: Connection, statement: Statement, values: Mapping[str, str]) -> None:
    """`statement` once, with texts by name."""
    with driver_cursor(connection) as cursor:
        cursor.execute(_compiled(statement, connection.dialect).text, values)


@lru_cache(maxsize=64)
def _compiled(statement: Statement, dialect: Dialect) -> Compiled:
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup or [*compiled.binds]
    found = enumerate(quick_processor(compiled.binds[name].type, dialect) for name in names)
    converts = [(at, convert) for at, convert in found if convert]
    return Compiled(str(compiled), names, converts, compiled.positiontup is not None)


def quick_processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a column's value one that the driver takes, None where it takes it as it is."""
    if isinstance(kind, Date) and dialect.name == "sqlite":
        return _iso  # what SQLAlchemy stores too, in a tenth of its time
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _iso(value: date | None) -> str | None:
    return None if value is None else date.isoformat(value)


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What is written inside goes to a server without waiting for its answer to each statement;
    nothing is to be read by SQLAlchemy meanwhile."""
    if connection.dialect.name != "postgresql":
        yield
        return
    with _told(connection), connection.connection.driver_connection.pipeline():  # type: ignore[union-attr] # psycopg's own
        yield


@contextmanager
def driver_cursor(connection: Connection) -> Iterator[Any]:
    """The driver's own cursor in the transaction of `connection`; its errors come as SQLAlchemy's,
    as those of every other statement do."""
    cursor: Any = connection.connection.cursor()
    try:
        with _told(connection):
            yield cursor
    finally:
        cursor.close()


@contextmanager
def _told(connection: Connection) -> Iterator[None]:
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(
            None, None, error, driver.Error, dialect=connection.dialect
        ) from error
