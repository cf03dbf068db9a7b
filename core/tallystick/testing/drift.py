"""Schema drift: a vendor's record of which one field is gone, renamed or of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from tallystick.connector import Raw
from tallystick.records import Record


def drifted(raw: Raw) -> Iterator[tuple[str, Raw]]:
    """Every way one value of `raw` can drift, in words, with the record that comes of it."""
    for path in _paths(raw):
        named = ".".join(map(str, path))
        yield f"without {named}", _changed(raw, path, lambda _: _GONE)
        yield f"{named} as an object", _changed(raw, path, lambda _: {"unexpected": True})
        yield f"{named} as a word", _changed(raw, path, lambda _: "unexpected")


def silently_wrong(good: Record, found: Record | None) -> str | None:
    """The amount, rate, quantity or duration that drift turned into nothing, while the record came
    through; None where it was set aside or says that it has none."""
    if found is None:
        return None
    for field in msgspec.structs.fields(type(good)):
        before, after = getattr(good, field.name), getattr(found, field.name)
        if isinstance(before, bool) or not isinstance(before, int | Decimal) or not before:
            continue
        if after == 0 and after is not False:
            return f"{field.name} became {after!r}"
    return None


_GONE = object()


def _paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _paths(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _paths(one, (*at, index))
    elif at:
        yield at


def _changed(value: Any, path: tuple[str | int, ...], change: Any) -> Any:
    step, *rest = path
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    new = _changed(copy[step], tuple(rest), change) if rest else change(copy[step])
    if new is _GONE:
        del copy[step]
    else:
        copy[step] = new
    return copy
