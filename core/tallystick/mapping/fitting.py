"""Canonical values against the record struct they are for, with msgspec's findings in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import inspect, structs

from tallystick.mapping.twoway import Misfit, shown

S = TypeVar("S", bound=msgspec.Struct)

_WORDS = {
    "str": ("text", "text"),
    "int": ("a whole number", "int"),
    "decimal": ("a number", "decimal"),
    "bool": ("true/false", "bool"),
    "date": ("a date", "date"),
    "datetime": ("an instant", "datetime"),
    "array": ("a list", "list"),
    "object": ("an object", ""),
    "null": ("nothing", ""),
}
"""msgspec's name of a type: ours, and the converter that makes one."""
_TYPES = re.compile(r"`([a-z | ]+)`")
_NEED_CONVERTER = {inspect.DateTimeType: "datetime", inspect.DecimalType: "decimal"}


class Slot(NamedTuple):
    """What a record kind says about one of its fields."""

    type: Any
    required: bool
    keyed: bool
    """Holds names of its own (`terms.unit_price`)."""
    converter: str | None
    """The usual converter, where a value may not go in the way a vendor spells it."""
    words: tuple[str, ...]
    """All it can be, where that is a fixed list."""


class FieldMisfit(Misfit):
    """A record that is not valid because of `field`."""

    def __init__(self, field: str, what: str, do: str) -> None:
        super().__init__(what, do)
        self.field = field


@cache
def slots(struct: type[msgspec.Struct]) -> dict[str, Slot]:
    """The fields of a record kind by name."""
    found: dict[str, Slot] = {}
    for field in structs.fields(struct):
        info = inspect.type_info(field.type)
        types = info.types if isinstance(info, inspect.UnionType) else (info,)
        needed = [_NEED_CONVERTER[type(t)] for t in types if type(t) in _NEED_CONVERTER]
        found[field.encode_name] = Slot(
            type=field.type,
            required=field.required,
            keyed=isinstance(info, inspect.DictType),
            converter=needed[0] if needed else None,
            words=tuple(
                str(word) for t in types if isinstance(t, inspect.LiteralType) for word in t.values
            ),
        )
    return found


def fitted(mapped: Mapping[str, Any], struct: type[S]) -> S:
    """`mapped` as a `struct`; raises `FieldMisfit` for the first field that does not fit."""
    try:
        return msgspec.convert(mapped, type=struct)
    except msgspec.ValidationError as error:
        for misfit in misfits(mapped, struct):
            raise misfit from None
        raise FieldMisfit("", f"{error}.", "Correct the mapping.") from None


def misfits(mapped: Mapping[str, Any], struct: type[msgspec.Struct]) -> Iterator[FieldMisfit]:
    """Every field of `mapped` that keeps it from being a `struct`."""
    for field, slot in slots(struct).items():
        if field not in mapped:
            if slot.required:
                yield FieldMisfit(
                    field,
                    f"`{field}` is required and has no value.",
                    "Map it to what is always filled, or complete the record at its source.",
                )
        elif misfit := field_misfit(field, mapped[field], slot):
            yield misfit


def field_misfit(field: str, value: object, slot: Slot) -> FieldMisfit | None:
    """Why `value` cannot be the field's value, if it cannot."""
    try:
        msgspec.convert(value, type=slot.type)
    except msgspec.ValidationError as error:
        message = str(error).partition(" - at ")[0]
    else:
        return None
    expected = _TYPES.search(message)
    name = expected[1].split(" | ")[0] if expected else ""
    do = "Correct the record at its source, or translate it in the mapping with `values`."
    if slot.words:
        do = f"Translate it with `values` to one of {', '.join(slot.words)}."
    elif ", got " in message and (converter := _WORDS.get(name, ("", ""))[1]):
        do = f'Add `as = "{converter}"` to it in the mapping, or choose another `at`.'
    said = _TYPES.sub(lambda types: _in_words(types[1]), message)
    what = f"`{field}` cannot be {shown(value)}: {said[0].lower()}{said[1:]}."
    return FieldMisfit(field, what, do)


def _in_words(types: str) -> str:
    return " or ".join(_WORDS.get(name, (name,))[0] for name in types.split(" | "))
