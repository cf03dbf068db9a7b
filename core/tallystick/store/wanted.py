"""Wanted: rows by many keys, read past SQLAlchemy.

To write a place for each of a thousand keys into a statement, and to make rows of what comes back,
takes longer than to find them. Here a statement is compiled once and for all; SQLite is told the
keys as one JSON text, PostgreSQL as one array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Select,
    Text,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

from tallystick.store.bulk import driver_cursor

Found = list[tuple[Any, ...]]


class Keys(TypeDecorator[Sequence[str]]):
    """Texts to look for, as the one value that a database takes for all of them."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(Text()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return msgspec.json.encode(value).decode()


class Wanted(ColumnElement[bool]):
    """Whether `column` is one of the keys `name`: `Wanted(column)` is filled by `ids=[...]`."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str = "ids") -> None:
        self.column = column
        self.keys: BindParameter[Any] = bindparam(name, type_=Keys())

    def self_group(self, against: Any = None) -> Wanted:
        """As it stands: with the `= 1` that SQLite's truth values are given, no index helps."""
        return self


@compiles(Wanted, "sqlite")
def _in_json(wanted: Wanted, compiler: Any, **how: Any) -> str:
    column, keys = (compiler.process(one, **how) for one in (wanted.column, wanted.keys))
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - compiled just now


@compiles(Wanted, "postgresql")
def _in_array(wanted: Wanted, compiler: Any, **how: Any) -> str:
    column, keys = (compiler.process(one, **how) for one in (wanted.column, wanted.keys))
    return f"{column} = ANY ({keys})"


class Asked(NamedTuple):
    """The text; its parameters in their order, with the values of those that never change; what
    makes of a given value one that the driver takes; and what converts some columns by place."""

    text: str
    names: Sequence[str]
    constants: Mapping[str, Any]
    told: Mapping[str, Callable[[Any], Any]]
    converts: Sequence[tuple[int, Callable[[Any], Any]]]
    by_place: bool


def fetch(connection: Connection, statement: Select[Any], **given: Any) -> Found:
    """All rows of `statement`, which is one that is made once, as what it compiles to is kept with
    it; `given` fill its parameters by name."""
    asked = _asked(statement, connection.dialect)
    values = dict(asked.constants)
    for name, value in given.items():
        values[name] = asked.told[name](value) if name in asked.told else value
    told: Any = [values[name] for name in asked.names] if asked.by_place else values
    with driver_cursor(connection) as cursor:
        rows: Found = cursor.execute(asked.text, told).fetchall()
    if not asked.converts or not rows:
        return rows
    columns: list[Any] = [*zip(*rows, strict=True)]
    for at, convert in asked.converts:
        columns[at] = [None if value is None else convert(value) for value in columns[at]]
    return [*zip(*columns, strict=True)]


@lru_cache(maxsize=64)
def _asked(statement: Select[Any], dialect: Dialect) -> Asked:
    compiled: Any = statement.compile(dialect=dialect)
    kinds = {name: one.type.dialect_impl(dialect) for name, one in compiled.binds.items()}
    found = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
    told = {name: one for name, one in found.items() if one}
    columns = enumerate(_converter(one.type, dialect) for one in statement.selected_columns)
    return Asked(
        str(compiled),
        compiled.positiontup or [*compiled.binds],
        {name: told.get(name, _same)(value) for name, value in compiled.params.items()},
        told,
        [(at, convert) for at, convert in columns if convert],
        compiled.positiontup is not None,
    )


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes of a value of the driver's one of the column's, None where it is one."""
    if dialect.name == "sqlite" and isinstance(kind, Date):
        return date.fromisoformat  # as SQLAlchemy reads it
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _same(value: Any) -> Any:
    return value
