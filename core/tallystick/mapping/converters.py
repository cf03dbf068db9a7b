"""The converters a mapping file can name: text, truth and lists here, the rest by subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tallystick.errors import Stop
from tallystick.mapping import numbers, structured, times
from tallystick.mapping.twoway import (
    Column,
    Converter,
    Misfit,
    TwoWay,
    Unusual,
    shown,
    wrong_type,
)

__all__ = ["AS_IS", "BUILTIN", "Converter", "Misfit", "TwoWay", "with_builtin"]

_TRUTH = {"true": True, "yes": True, "y": True, "1": True}
_TRUTH |= {"false": False, "no": False, "n": False, "0": False}


def _as_is(value: Any) -> Any:
    """What an entry without `as` does: nothing, but for what no database or ledger can keep."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() and "\0" not in value else _storable(value)
    if kind is float:
        raise wrong_type(value, "a number")
    return value


def _storable(text: str) -> str:
    if not _can_be_kept(text):
        raise Misfit(
            f"{shown(text)} contains bytes that are no text.",
            "Correct the record at its source.",
        )
    return text


def _can_be_kept(text: str) -> bool:
    return "\0" not in text and (text.isascii() or _is_unicode(text))


def _is_unicode(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return False


def _text(_: Mapping[str, str]) -> TwoWay:
    """Text, or a number, truth value or date as text; for ids that some vendors send as numbers."""

    def read(value: Any) -> str:
        kind = type(value)
        if kind is str:
            return _storable(value)
        if kind is int:
            return str(value)
        if kind is bool:
            return "true" if value else "false"
        if kind is Decimal and value.is_finite() and abs(value.adjusted()) < 50:
            return f"{value:f}"
        if isinstance(value, date):
            return value.isoformat()
        raise wrong_type(value, "text")

    def write(value: Any) -> str:
        if type(value) is not str:
            raise wrong_type(value, "text")
        return value

    return TwoWay(read, write, _texts)


def _as_they_are(column: Column) -> Column:
    try:
        whole = "".join(column)  # most columns hold nothing but texts
    except TypeError:
        return _unchanged(column, _PLAIN)
    if not _can_be_kept(whole):
        raise Unusual
    return column


def _texts(column: Column) -> Column:
    kinds = set(map(type, column))
    if kinds == {int}:
        return [*map(str, column)]
    if kinds == {int, type(None)}:
        return [None if value is None else str(value) for value in column]
    return _unchanged(column, _TEXTS)


def _unchanged(column: Column, kinds: frozenset[type]) -> Column:
    """`column`, which holds nothing but `kinds`, and no text that no database can keep."""
    if not kinds.issuperset(map(type, column)):
        raise Unusual
    if not _can_be_kept("".join([value for value in column if type(value) is str])):
        raise Unusual
    return column


def _bool(_: Mapping[str, str]) -> TwoWay:
    """true/yes/y/1 and false/no/n/0 in any case <-> True and False."""

    def read(value: Any) -> bool:
        if type(value) is bool:
            return value
        if type(value) is str or type(value) is int:
            truth = _TRUTH.get(str(value).strip().lower())
            if truth is not None:
                return truth
        raise Misfit(
            f"{shown(value)} is neither true nor false.",
            "Translate it in the mapping, as in `values = { Ja = true, Nein = false }`.",
        )

    def write(value: Any) -> bool:
        if type(value) is not bool:
            raise wrong_type(value, "true/false")
        return value

    return TwoWay(read, write)


def _list(options: Mapping[str, str]) -> TwoWay:
    """`a; b; c` <-> list of text; spaces around items and empty items are dropped."""
    separator = options.get("separator", ";")
    if not separator:
        raise Misfit("`separator` is empty.", 'Use a mark such as ";" or ",".')

    def read(value: Any) -> list[str]:
        if type(value) is not str:
            raise wrong_type(value, f"a list written as text with {separator!r}")
        return [part for item in _storable(value).split(separator) if (part := item.strip())]

    def write(value: Any) -> str:
        if type(value) is not list:
            raise wrong_type(value, "a list")
        return separator.join(value)

    return TwoWay(read, write)


_TEXTS: frozenset[type] = frozenset({str, type(None)})
_PLAIN: frozenset[type] = _TEXTS | {bool, int, Decimal}
AS_IS = TwoWay(_as_is, _as_is, _as_they_are)
BUILTIN: Mapping[str, Converter] = {
    converter.name: converter
    for converter in (
        Converter("text", _text),
        Converter("bool", _bool),
        Converter("list", _list, frozenset({"separator"})),
        *numbers.CONVERTERS,
        *times.CONVERTERS,
        *structured.CONVERTERS,
    )
}


def with_builtin(brought: Mapping[str, Converter]) -> Mapping[str, Converter]:
    """The built-in converters and those plugins brought; raises `Stop` on a name given twice."""
    if twice := sorted(BUILTIN.keys() & brought.keys()):
        raise Stop(
            f"A plugin brings a converter {twice[0]!r}, which Tallystick has itself.",
            do="Rename the plugin's converter, or remove the package that brings it.",
        )
    return {**BUILTIN, **brought}
