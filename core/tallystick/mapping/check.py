"""The check of mapping files against sample records, offline: every problem in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tallystick.connector import Raw
from tallystick.errors import Problem
from tallystick.mapping.converters import Converter, Misfit, with_builtin
from tallystick.mapping.entries import Entry, Finding, suggest
from tallystick.mapping.fitting import misfits, slots
from tallystick.mapping.layers import Kinds, MappingFile, lay, problem_at
from tallystick.mapping.mapping import NO_CONVERTERS, RecordMapping, explained
from tallystick.mapping.path import Index, Name, Path, Select, Step
from tallystick.mapping.twoway import UNEXPECTED
from tallystick.records import KINDS

SHOWN_AT_MOST = 8


def check_mapping(
    files: Sequence[MappingFile],
    samples: Mapping[str, Sequence[Raw]],
    converters: Mapping[str, Converter] = NO_CONVERTERS,
    kinds: Kinds = KINDS,
    shipped: int = 0,
) -> list[Problem]:
    """Everything wrong with `files` (each laid over those before it) by themselves, and when
    they read `samples`, raw records by kind. Each `Problem.place` is `file:line`.

    A path of the first `shipped` files, which came with a connector, may be in no sample: a vendor
    leaves out what is empty. Of the samples only field names and the values that do not fit are
    quoted. `converters` are those that plugins brought; raises `Stop` only when one is named like
    a built-in.
    """
    entries, findings, problems = lay(files, with_builtin(converters), kinds)
    broken = {finding.keys[:2] for finding in findings}
    for kind, fields in entries.items():
        mapping = RecordMapping(kind, kinds[kind], fields)
        if not problems:
            findings += _never_given(mapping, broken)
        findings += _against_samples(mapping, samples.get(kind, ()), broken, shipped)
    order = [file.name for file in files]
    problems += [problem_at(files, finding) for finding in findings]
    return sorted(dict.fromkeys(problems), key=lambda problem: _reading_order(problem, order))


def _reading_order(problem: Problem, files: list[str]) -> tuple[int, int]:
    name, _, line = problem.place.rpartition(":")
    return files.index(name), int(line)


def _never_given(mapping: RecordMapping, broken: set[tuple[str, ...]]) -> Iterator[Finding]:
    given = {field[0] for field in mapping.entries}
    layer = max(entry.layer for entry in mapping.entries.values())
    for name, slot in slots(mapping.struct).items():
        if slot.required and name not in given and (mapping.kind, name) not in broken:
            what = f"A {mapping.kind} needs `{name}`, which nothing is mapped to."
            yield Finding(layer, (mapping.kind,), what, f'Add `{name} = "..."` with its path.')


def _against_samples(
    mapping: RecordMapping, rows: Sequence[Raw], broken: set[tuple[str, ...]], shipped: int
) -> Iterator[Finding]:
    faulty = {name for kind, *names in broken if kind == mapping.kind for name in names}
    for entry in mapping.entries.values():
        own = entry.layer >= shipped
        absent = _absent(entry.path, rows) if own and entry.path else None
        found = [absent] if absent else _unreadable(entry, rows)
        for misfit in found[:SHOWN_AT_MOST]:
            faulty.add(entry.field[0])
            yield Finding(entry.layer, entry.keys, misfit.what, misfit.do)
        if len(found) > SHOWN_AT_MOST:
            what = f"{len(found) - SHOWN_AT_MOST} more values of `{entry.path}` do not fit."
            yield Finding(entry.layer, entry.keys, what, "Correct these first, then check again.")
    yield from _invalid(mapping, rows, faulty)


def _unreadable(entry: Entry, rows: Sequence[Raw]) -> list[Misfit]:
    """One misfit for each different value that cannot be read."""
    found: dict[str, Misfit] = {}
    for row in rows:
        try:
            entry.value(row)
        except UNEXPECTED as error:
            misfit = explained(entry, error)
            found.setdefault(misfit.what, misfit)
    return list(found.values())


def _invalid(mapping: RecordMapping, rows: Sequence[Raw], faulty: set[str]) -> Iterator[Finding]:
    """Fields that are read well and still make no valid record."""
    readable = [entry for entry in mapping.entries.values() if entry.field[0] not in faulty]
    without_faulty = RecordMapping(
        mapping.kind, mapping.struct, {entry.field: entry for entry in readable}
    )
    places = {entry.field[0]: entry for entry in readable}
    for row in rows:
        for misfit in misfits(without_faulty.read(row), mapping.struct):
            if misfit.field in places:
                entry = places[misfit.field]
                yield Finding(entry.layer, entry.keys, misfit.what, misfit.do)


def _absent(path: Path, rows: Sequence[Raw]) -> Misfit | None:
    """Why no sample has anything at `path`, if none has; a null there counts as something."""
    parts: list[Any] = list(rows)
    for step in path.steps:
        shape: type = Mapping if isinstance(step, Name) else list
        parts = [part for part in parts if isinstance(part, shape)]
        if not parts:
            return None  # null in every sample, or of another shape, which reading it reports
        there = _choices(step, parts)
        if _wanted(step) not in there:
            return _no_such(step, path, there)
        parts = [step.get(part) for part in parts]
    return None


def _choices(step: Step, parts: list[Any]) -> list[str]:
    """What the samples have where `step` chooses: names, positions or selected values."""
    if isinstance(step, Name):
        found = [str(name) for part in parts for name in part]
    elif isinstance(step, Index):
        found = [str(position) for part in parts for position in range(len(part))]
    else:
        items = (item for part in parts for item in part if isinstance(item, Mapping))
        found = [str(item[step.key]) for item in items if step.key in item]
    return list(dict.fromkeys(found))


def _wanted(step: Step) -> str:
    if isinstance(step, Name):
        return step.name
    return str(step.index if isinstance(step, Index) else step.value)


def _no_such(step: Step, path: Path, there: list[str]) -> Misfit:
    what = f"No sample has `{step}`, which `{path}` goes through."
    if len(path.steps) == 1:
        what = f"No sample has `{path}`."
    if str(path) in there:
        return Misfit(what, f"Put the name in quotes of its own: at = '\"{path}\"'.")
    if isinstance(step, Select) and not there:
        return Misfit(what, f"Correct `at`: the list has no item with {step.key!r}.")
    listed = ", ".join(there[:SHOWN_AT_MOST]) + (", ..." if len(there) > SHOWN_AT_MOST else "")
    return Misfit(
        f"{what}{suggest(_wanted(step), there)}",
        f"Correct `at`; the samples have {listed or 'nothing'} there.",
    )
