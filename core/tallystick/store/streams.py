"""Streams: rows in the order of their client's ref, several of which are merged by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, and_, collate, true

T = TypeVar("T")


class Share(NamedTuple):
    """The clients from ref `start` to before `end`, None: without an end."""

    start: str | None
    end: str | None

    def covers(self, ref: ColumnElement[str]) -> ColumnElement[bool]:
        """The condition on a `ref` that `in_order` made."""
        found: ColumnElement[bool] = true()
        if self.start is not None:
            found = and_(found, ref >= self.start)
        if self.end is not None:
            found = and_(found, ref < self.end)
        return found


ALL = Share(None, None)


class ByClient:
    """Rows grouped by their `client_ref`, taken in ascending order of it."""

    def __init__(self, rows: Iterable[Row[Any]], at: int | None = None) -> None:
        """`at` is the place of `client_ref` in the row, where it is known."""
        key = attrgetter("client_ref") if at is None else itemgetter(at)
        self._groups = groupby(rows, key=key)
        self._ref: str | None
        self._rows: Iterator[Row[Any]]
        self._next()

    def _next(self) -> None:
        self._ref, self._rows = next(self._groups, (None, iter(())))

    def take(self, ref: str) -> list[Row[Any]]:
        """The rows of `ref`; rows of refs below it belong to no home client and are passed."""
        while self._ref is not None and self._ref < ref:
            self._next()
        return list(self._rows) if self._ref == ref else []


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def in_order(connection: Connection, ref: ColumnElement[Any]) -> ColumnElement[Any]:
    """To order rows by `ref` and compare it: by code point on both databases, as Python compares
    texts."""
    return collate(ref, "BINARY" if connection.dialect.name == "sqlite" else "C")
