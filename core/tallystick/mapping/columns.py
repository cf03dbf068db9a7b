"""Many records of one kind read a field at a time: the same as one by one, in a third of the time.

A column is a field's values in the order of the records, None where there is none. Whoever meets
anything unusual in one raises `Unusual`, or what a converter raises: the records are then read one
by one, which says which of them does not fit, and why. So what comes out here is what comes out
there, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import NODEFAULT, structs

from tallystick.connector import Raw
from tallystick.mapping.entries import Entry
from tallystick.mapping.path import Name
from tallystick.mapping.twoway import UNEXPECTED, Column, Unusual, one_by_one

Columns = dict[str, Column]
"""All fields of a kind in their order."""
SURPRISES = (*UNEXPECTED, msgspec.ValidationError)


class ColumnReader:
    """Reads records of `struct` by `entries`, its plain fields."""

    def __init__(self, struct: type[msgspec.Struct], entries: Sequence[Entry]) -> None:
        self._entries = {entry.field[0]: (_getter(entry), entry) for entry in entries}
        self._fields = structs.fields(struct)

    def read(self, raws: Sequence[Raw]) -> Columns | None:
        """The validated fields of all records; None when they must be read one by one."""
        try:
            return {one.name: self._column(one, raws) for one in self._fields}
        except SURPRISES:
            return None

    def _column(self, field: structs.FieldInfo, raws: Sequence[Raw]) -> Column:
        if field.name not in self._entries:
            return [_default(field)] * len(raws)
        get, entry = self._entries[field.name]
        return _valid(field, _read(entry, get(raws)))


def column_reader(struct: type[msgspec.Struct], entries: Sequence[Entry]) -> ColumnReader | None:
    """None for a kind that a column alone cannot judge: a rule about several fields, or a field
    that holds names of its own."""
    if hasattr(struct, "__post_init__") or any(len(entry.field) > 1 for entry in entries):
        return None
    return ColumnReader(struct, entries)


def _read(entry: Entry, column: Column) -> Column:
    if not all(column) and "" in column:  # to ask a number whether it is text takes long
        column = [None if value == "" else value for value in column]
    return entry.many(column) if entry.many else one_by_one(entry.read, column)


def _valid(field: structs.FieldInfo, column: Column) -> Column:
    """`column` as the field's type has it, its default where there is no value."""
    if None in column and (default := _default(field)) is not None:
        column = [default if value is None else value for value in column]
    found: Column = msgspec.convert(column, list[field.type], strict=False)  # type: ignore[name-defined]  # the type is known when this runs
    return found


def _default(field: structs.FieldInfo) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    raise Unusual  # it is required, or made anew each time


def _getter(entry: Entry) -> Callable[[Sequence[Raw]], Column]:
    path = entry.path
    if path is None:
        return lambda raws: [entry.const] * len(raws)
    names = [step.name for step in path.steps if isinstance(step, Name)]
    if len(names) < len(path.steps) or len(names) > 2:
        return lambda raws: [path.get(raw) for raw in raws]
    outer, *inners = names
    if not inners:
        return lambda raws: [raw.get(outer) for raw in raws]
    [inner] = inners

    def get(raws: Sequence[Raw]) -> Column:
        parts = [raw.get(outer) for raw in raws]
        if set(map(type, parts)) <= {dict, type(None)}:
            return [None if part is None else part.get(inner) for part in parts]
        return [path.get(raw) for raw in raws]

    return get
