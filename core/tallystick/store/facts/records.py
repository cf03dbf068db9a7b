"""Records read back as they are told: one of a row, or all of a kind that a connection told."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, bindparam, select

from tallystick.records import KINDS, Record
from tallystick.store.facts.schema import FACTS

R = TypeVar("R", bound=Record)


def record_of(row: Row[Any], kind: type[R], **instead: Any) -> R:
    """The record a row of its table holds, with other values `instead` of some."""
    names, values = _reading(kind)
    return kind(**{**dict(zip(names, values(row), strict=True)), **instead})


@cache
def _reading(kind: type[Record]) -> tuple[tuple[str, ...], attrgetter[tuple[Any, ...]]]:
    names = kind.__struct_fields__
    return names, attrgetter(*names)


def records_at(connection: Connection, kind: str, source: str) -> dict[str, Record]:
    """The records of a kind that connection `source` told, by their ids."""
    rows = connection.execute(_at(kind), {"source": source})
    return {row.id: record_of(row, KINDS[kind]) for row in rows}


@cache
def _at(kind: str) -> Select[Any]:
    table = FACTS[kind]
    return select(table).where(table.c.connection == bindparam("source")).order_by(table.c.id)
