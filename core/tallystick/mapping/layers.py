"""Mapping files laid over one another: the shipped one first, the MSP's own last.

A later file replaces whole fields: its `seconds` is all of `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from msgspec import Struct

from tallystick.errors import Problem
from tallystick.mapping.converters import Converter
from tallystick.mapping.entries import Entry, Finding, build_entry, suggest
from tallystick.mapping.fitting import Slot, field_misfit, slots
from tallystick.mapping.locate import TomlMisfit, parse_toml, toml_line

Kinds = Mapping[str, type[Struct]]
Field = tuple[str, ...]


class MappingFile(NamedTuple):
    """A mapping file's name, as messages should show it, and its text."""

    name: str
    text: str


class Layered(NamedTuple):
    """The entries that stand, by kind and field; what is wrong with others; and files that are
    no TOML at all."""

    entries: dict[str, dict[Field, Entry]]
    findings: list[Finding]
    unreadable: list[Problem]


def lay(files: Sequence[MappingFile], converters: Mapping[str, Converter], kinds: Kinds) -> Layered:
    """Parse `files` and lay each over those before it; mistakes are values, nothing is raised."""
    layered = Layered({}, [], [])
    for layer, file in enumerate(files):
        try:
            tables = parse_toml(file.text)
        except TomlMisfit as misfit:
            place = f"{file.name}:{misfit.line}"
            layered.unreadable.append(Problem(place, misfit.what, misfit.do))
            continue
        for entry in _entries(tables, layer, converters, kinds):
            if isinstance(entry, Finding):
                layered.findings.append(entry)
            else:
                _replace(layered.entries.setdefault(entry.keys[0], {}), entry)
    for fields in layered.entries.values():
        layered.findings.extend(_collisions(fields))
    return layered


def problem_at(files: Sequence[MappingFile], finding: Finding) -> Problem:
    """`finding` with its file and line."""
    file = files[finding.layer]
    return Problem(f"{file.name}:{toml_line(file.text, finding.keys)}", finding.what, finding.do)


def _entries(
    tables: Mapping[str, Any], layer: int, converters: Mapping[str, Converter], kinds: Kinds
) -> Iterator[Entry | Finding]:
    for kind, table in tables.items():
        if kind not in kinds:
            what = f"There is no record kind {kind!r}.{suggest(kind, kinds)}"
            yield Finding(layer, (kind,), what, f"Known are {', '.join(kinds)}.")
        elif not isinstance(table, dict):
            what = f"`{kind}` is not a table."
            yield Finding(layer, (kind,), what, f"Start it with [{kind}] on its own line.")
        else:
            known = slots(kinds[kind])
            for field, given in _fields(known, table):
                yield from _entry((kind, *field), given, layer, converters, known)


def _fields(known: Mapping[str, Slot], table: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    for name, given in table.items():
        if name in known and known[name].keyed and isinstance(given, dict):
            yield from (((name, term), inner) for term, inner in given.items())
        else:
            yield (name,), given


def _entry(
    keys: Field,
    given: object,
    layer: int,
    converters: Mapping[str, Converter],
    known: Mapping[str, Slot],
) -> Iterator[Entry | Finding]:
    kind, *field = keys
    slot = known.get(field[0])
    if slot is None:
        what = f"A {kind} has no field {field[0]!r}.{suggest(field[0], known)}"
        yield Finding(layer, keys, what, f"Known are {', '.join(known)}.")
        return
    entry = build_entry(tuple(field), given, layer, keys, converters)
    if isinstance(entry, list):
        yield from entry
        return
    table = given if isinstance(given, dict) else {}
    misfit = None if len(field) > 1 else _unfit(field[0], table, slot)
    yield Finding(layer, keys, *misfit) if misfit else entry


def _unfit(field: str, table: Mapping[str, Any], slot: Slot) -> tuple[str, str] | None:
    """Why what the entry can give never fits the field, if that is plain from the entry."""
    if slot.converter and not table.keys() & {"as", "const", "values"}:
        what = f"`{field}` cannot be taken the way the vendor spells it."
        return what, f'Say how to read it, as in `as = "{slot.converter}"`.'
    given = [table["const"]] if "const" in table else table.get("values", {}).values()
    for value in given:
        if misfit := field_misfit(field, value, slot):
            known = f": {', '.join(slot.words)}" if slot.words else ""
            return misfit.what, f"Use a value that the field can have{known}."
    return None


def _replace(fields: dict[Field, Entry], entry: Entry) -> None:
    """A field replaces itself, and `terms` replaces `terms.hours` or the other way round."""
    for other in [o for o in fields if all(a == b for a, b in zip(o, entry.field, strict=False))]:
        del fields[other]
    fields[entry.field] = entry


def _collisions(fields: Mapping[Field, Entry]) -> Iterator[Finding]:
    written = [entry for entry in fields.values() if entry.write is not None]
    for first, second in combinations(written, 2):
        if first.path and second.path and first.path.overlaps(second.path):
            yield Finding(
                second.layer,
                second.keys,
                f"`{'.'.join(second.field)}` and `{'.'.join(first.field)}` would both be written"
                f" to `{second.path}`.",
                "Add `push = false` to the one that is only read.",
            )
