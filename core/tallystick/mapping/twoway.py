"""What a converter is: a named pair of directions that undo each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

SHOWN_CHARACTERS = 40
REPEATED = 4096
"""Texts a converter remembers: a pull repeats its days and durations thousands of times."""


class Misfit(ValueError):
    """A value, path or option that does not fit: `what` the sentence, `do` the fix.

    A converter raises it; the mapping adds the field and turns it into `SkipRecord`.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do


UNEXPECTED = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
"""What a stranger's converter may raise for a value it did not expect."""


def as_misfit(error: Exception) -> Misfit:
    """`error` of a converter as a misfit, which it should have been."""
    if isinstance(error, Misfit):
        return error
    return Misfit(
        f"its converter failed with {type(error).__name__}: {error}.",
        "Correct the record at its source, or report this to the converter's author.",
    )


Column = list[Any]
"""Values of one field of many records, None where there is none."""


class Unusual(ValueError):
    """A column holds what is better looked at one by one."""


class TwoWay(NamedTuple):
    """`read` takes a vendor's value to the canonical one, `write` takes it back.

    `read(write(x)) == x` must hold for every canonical `x` that `write` accepts; both raise
    `Misfit` for anything else. Neither is called with None or "". `many`, where there is one, reads
    a column: None as None, all else as `read` does, or raises where `read` would, or when it likes.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    many: Callable[[Column], Column] | None = None


def one_by_one(read: Callable[[Any], Any], column: Column) -> Column:
    return [None if value is None else read(value) for value in column]


def by_value(read: Callable[[Any], Any]) -> Callable[[Column], Column]:
    """Reads each value of a column once: texts, or numbers, of which their text says all. A number
    that comes again is mostly the same object, whose text then is made once."""

    def many(column: Column) -> Column:
        kinds = set(map(type, column)) - {type(None)}
        if kinds <= {str}:
            found = {value: read(value) for value in {*column} - {None}}
            return [None if value is None else found[value] for value in column]
        if not kinds <= {int, Decimal}:
            raise Unusual
        places = [*map(id, column)]
        given = dict(zip(places, column, strict=True))
        by_text = {str(value): value for value in given.values()}
        found = {text: None if v is None else read(v) for text, v in by_text.items()}
        told = {at: found[str(value)] for at, value in given.items()}
        return [told[at] for at in places]

    return many


@dataclass(frozen=True, slots=True)
class Converter:
    """A value converter of mapping files, chosen there by `as = "name"`.

    `build` is called once per mapping entry with those of `options` that the entry gives,
    and raises `Misfit` when one of them makes no sense.
    """

    name: str
    build: Callable[[Mapping[str, str]], TwoWay]
    options: frozenset[str] = frozenset()


def shown(value: object) -> str:
    """`value` as a sentence may quote it: escaped, and cut to 40 characters."""
    text = type_name(value) if isinstance(value, dict | list) else repr(str(value))
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 2]}…{text[-1]}"


def type_name(value: object) -> str:
    """The JSON-like kind of `value`, in words."""
    words = {str: "text", bool: "true/false", int: "a whole number", float: "a float"}
    words |= {dict: "an object", list: "a list", type(None): "nothing"}
    return words.get(type(value), f"a {type(value).__name__.lower()}")


def wrong_type(value: object, wanted: str) -> Misfit:
    """The misfit of a value whose very type is wrong; a float gets the reason it is refused."""
    if isinstance(value, float):
        return Misfit(
            f"{shown(value)} arrived as a binary float, which may already have lost digits.",
            "The connector must parse JSON numbers as Decimal.",
        )
    return Misfit(
        f"{shown(value)} is {type_name(value)}, not {wanted}.",
        "Choose another `at` or `as` in the mapping, or correct the record at its source.",
    )
