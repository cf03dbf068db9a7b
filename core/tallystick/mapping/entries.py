"""One entry of a mapping file: how one field of a record is read and written.

    seconds  = { at = "actualHours", as = "hours" }
    billable = { at = "billableOption", values = { Billable = "billable", NoCharge = "no_charge" } }

What a vendor's value goes through on its way in: `null`, then the converter, then `values`;
on its way out the same backwards.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from tallystick.mapping.choices import translated
from tallystick.mapping.converters import AS_IS, Converter, Misfit, TwoWay
from tallystick.mapping.path import Path, parse_path
from tallystick.mapping.twoway import UNEXPECTED, Column, as_misfit

KEYS = frozenset({"at", "as", "null", "values", "push", "const"})

Read = Callable[[Any], Any]
Table = Mapping[str, Any]
T = TypeVar("T")


class Finding(NamedTuple):
    """A mistake in a mapping: in which layer, at which TOML keys, what, and what to do."""

    layer: int
    keys: tuple[str, ...]
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class Entry:
    """`read` takes the value at `path` to the canonical one (None: it means nothing); `write`,
    None on a read-only entry, takes it back. Without a `path` the value is always `const`."""

    field: tuple[str, ...]
    layer: int
    keys: tuple[str, ...]
    path: Path | None
    const: Any
    read: Read
    write: Read | None
    cleared: Any = None
    many: Callable[[Column], Column] | None = None

    def value(self, raw: Mapping[str, Any]) -> Any:
        """The canonical value in `raw`; None when absent, null, empty or named in `null`."""
        if self.path is None:
            return self.const
        found = self.path.get(raw)
        return None if found is None or found == "" else self.read(found)

    def put(self, raw: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
        """`raw` with `value`; a spelling that means `value` already is left as it is."""
        if self.path is None or self.write is None or self._means(raw, value):
            return raw
        return self.path.put(raw, self.cleared if value is None else self.write(value))

    def _means(self, raw: Mapping[str, Any], value: Any) -> bool:
        try:
            return bool(self.value(raw) == value)
        except ValueError:
            return False  # what stands there cannot even be read: overwrite it


def suggest(wrong: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the nearest of `known`, whatever its case, or nothing."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(wrong.lower(), by_lower, n=1)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


def build_entry(
    field: tuple[str, ...],
    given: object,
    layer: int,
    keys: tuple[str, ...],
    converters: Mapping[str, Converter],
) -> Entry | list[Finding]:
    """The entry that the TOML value `given` describes, or everything that is wrong with it."""
    table = {"at": given} if isinstance(given, str) else given
    if not isinstance(table, dict) or not ("at" in table or "const" in table):
        what = f"`{'.'.join(field)}` says neither where its value is (`at`) nor what (`const`)."
        return [Finding(layer, keys, what, 'Write a path in quotes, or { at = "path" }.')]
    wrong: list[Finding] = []

    def part(key: str, build: Callable[[], T], otherwise: T) -> T:
        try:
            return build()
        except UNEXPECTED as error:
            misfit = as_misfit(error)
            place = (*keys, key) if key in table else keys
            wrong.append(Finding(layer, place, misfit.what, misfit.do))
            return otherwise

    for key in table:
        part(key, partial(_expected, key, table, converters), None)
    path = part("at", partial(_path, table), None)
    two_way = part("as", partial(_two_way, table, converters), AS_IS)
    nulls = part("null", partial(_nulls, table), ())
    push = part("push", partial(_push, table), None)
    if "values" in table:
        two_way = part("values", partial(translated, table["values"], push, two_way), AS_IS)
    if wrong:
        return wrong
    return Entry(
        field=field,
        layer=layer,
        keys=keys,
        path=path,
        const=table.get("const"),
        read=_unless_null(nulls, two_way.read),
        write=None if path is None or push is None else two_way.write,
        cleared=nulls[0] if nulls else None,
        many=None if nulls else two_way.many,
    )


def _expected(key: str, table: Table, converters: Mapping[str, Converter]) -> None:
    """Raises `Misfit` when `key` has no business in this entry."""
    if "const" in table:
        if key != "const":
            raise Misfit(
                f"`const` is a fixed value: `{key}` does not go with it.",
                f"Remove `{key}` or `const`.",
            )
        return
    converter = converters.get(str(table.get("as")))
    allowed = KEYS | (converter.options if converter else frozenset())
    if key in allowed or ("as" in table and converter is None):
        return  # with an unknown converter nobody can say what its options are
    takers = sorted(other.name for other in converters.values() if key in other.options)
    hint = f" It is an option of {', '.join(takers)}." if takers else suggest(key, allowed)
    raise Misfit(
        f"`{key}` means nothing here.{hint}", f"Known here are {', '.join(sorted(allowed))}."
    )


def _path(table: Table) -> Path | None:
    if "at" not in table:
        return None
    if not isinstance(table["at"], str):
        raise Misfit(f"`at` is {table['at']!r}, not a path.", "Write the path in quotes.")
    return parse_path(table["at"])


def _two_way(table: Table, converters: Mapping[str, Converter]) -> TwoWay:
    if "as" not in table:
        return AS_IS
    name = table["as"]
    converter = converters.get(name) if isinstance(name, str) else None
    if converter is None:
        raise Misfit(
            f"There is no converter {name!r}.{suggest(str(name), converters)}",
            f"Known are {', '.join(sorted(converters))}.",
        )
    options = {key: table[key] for key in sorted(converter.options) if key in table}
    for key, value in options.items():
        if not isinstance(value, str):
            raise Misfit(f"`{key}` is {value!r}, not text.", "Write it in quotes.")
    return converter.build(options)


def _nulls(table: Table) -> tuple[Any, ...]:
    given = table.get("null", [])
    nulls = given if isinstance(given, list) else [given]
    if any(isinstance(null, dict | list) for null in nulls):
        raise Misfit("`null` lists more than plain values.", 'Write it as "?" or ["?", "n/a"].')
    return tuple(nulls)


def _push(table: Table) -> list[str] | None:
    """The vendor's words chosen to be written; None when the entry is read-only."""
    push = table.get("push", [])
    if push is False:
        return None
    words = push if isinstance(push, list) else [push]
    if not all(isinstance(word, str) for word in words) or (words and "values" not in table):
        raise Misfit(
            f"`push` is {push!r}.",
            "It is false for a field that is only read, or the word of `values` to write.",
        )
    return words


def _unless_null(nulls: tuple[Any, ...], read: Read) -> Read:
    if not nulls:
        return read
    return lambda value: None if value in nulls else read(value)
