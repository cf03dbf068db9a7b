"""Vendor records to canonical ones and back: TOML mapping files compiled to a read/write pair."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from tallystick.connector import Raw
from tallystick.errors import SkipRecord, Stop
from tallystick.mapping.columns import Columns, column_reader
from tallystick.mapping.converters import Converter, Misfit, with_builtin
from tallystick.mapping.entries import Entry
from tallystick.mapping.fitting import fitted
from tallystick.mapping.layers import Field, Kinds, MappingFile, lay, problem_at
from tallystick.mapping.path import Name
from tallystick.mapping.twoway import UNEXPECTED, as_misfit, shown
from tallystick.records import KINDS

EMPTY: Raw = MappingProxyType({})
NO_CONVERTERS: Mapping[str, Converter] = MappingProxyType({})
_SECRETIVE = re.compile("passw|secret|token|api.?key|credential|authori[sz]ation", re.IGNORECASE)


class RecordMapping:
    """How the records of one kind are read and written; `entries` by field."""

    def __init__(
        self, kind: str, struct: type[msgspec.Struct], entries: Mapping[Field, Entry]
    ) -> None:
        self.kind = kind
        self.struct = struct
        self.entries = entries
        # `id` first, so that whatever fails after it can be named; then the plain columns,
        # which a bulk pull reads without a call to any path.
        ordered = sorted(entries.values(), key=lambda entry: entry.field != ("id",))
        self._flat = [
            (entry, entry.field[0], name, entry.read)
            for entry in ordered
            if (name := _column(entry)) is not None and len(entry.field) == 1
        ]
        flat = {entry.field for entry, *_ in self._flat}
        self._deep = [(entry, _getter(entry)) for entry in ordered if entry.field not in flat]
        self._written = [entry for entry in ordered if entry.write is not None]
        self._columns = column_reader(struct, ordered)

    def read(self, raw: Raw) -> dict[str, Any]:
        """The canonical fields that `raw` has a value for; nested ones as dicts of their own.

        Raises `SkipRecord` naming the field, the value and what to do.
        """
        record: dict[str, Any] = {}
        entry: Entry | None = None
        try:
            for entry, field, name, convert in self._flat:  # noqa: B007 - the handler below names it
                value = raw.get(name)
                if value is None or value == "":
                    continue
                value = convert(value)
                if value is not None:
                    record[field] = value
            for entry, get in self._deep:
                value = get(raw)
                if value is None or value == "":
                    continue
                value = entry.read(value)
                if value is not None:
                    _store(record, entry.field, value)
        except UNEXPECTED as error:
            raise self._skip(entry, error, record) from error
        return record

    def read_columns(self, raws: Sequence[Raw]) -> Columns | None:
        """Every field of all records, validated; None when they must be read one by one."""
        return self._columns.read(raws) if self._columns else None

    def read_what_fits(self, raw: Raw) -> dict[str, Any]:
        """The plain fields that can be read, without those that cannot: enough to say whose
        record it is that does not fit."""
        record: dict[str, Any] = {}
        for entry in self.entries.values():
            try:
                value = entry.value(raw)
            except UNEXPECTED:
                continue
            if value is not None and len(entry.field) == 1:
                record[entry.field[0]] = value
        return record

    def record(self, raw: Raw) -> Any:
        """The validated record (an instance of `struct`) that `raw` is.

        Raises `SkipRecord` as `read` does, or naming the first field that does not fit.
        """
        mapped = self.read(raw)
        try:
            return fitted(mapped, self.struct)
        except Misfit as misfit:
            ref = _ref(mapped)
            raise SkipRecord(misfit.what, do=misfit.do, record=self.kind, ref=ref) from misfit

    def write(self, record: Mapping[str, Any], onto: Raw = EMPTY) -> dict[str, Any]:
        """`onto`, the vendor's record, with the fields of `record`, in the vendor's words.

        A field that `record` leaves out is left alone; one that is None or "" is cleared: an
        explicit null (or the first `null` of the mapping) where a value was, nothing where
        none was. A spelling in `onto` that means the same already stays. `onto` is not
        changed. Raises `SkipRecord` for a value that would not read back as itself.
        """
        raw: Mapping[str, Any] = onto
        given = [(entry, *_lookup(record, entry.field)) for entry in self._written]
        wanted = [(entry, None if value == "" else value) for entry, has, value in given if has]
        entry: Entry | None = None
        try:
            for entry, value in wanted:
                raw = entry.put(raw, value)
            for entry, value in wanted:
                if entry.value(raw) != value:
                    raise Misfit(
                        f"{shown(value)} would not read back as itself.",
                        "Choose a more exact `as` or `format`, or another `at`, or add"
                        " `push = false`.",
                    )
        except UNEXPECTED as error:
            raise self._skip(entry, error, record, writing=True) from error
        return dict(raw)

    def _skip(
        self,
        entry: Entry | None,
        error: Exception,
        record: Mapping[str, Any],
        writing: bool = False,
    ) -> SkipRecord:
        if entry is None:
            raise AssertionError("an entry fails, or nothing does") from error
        misfit = explained(entry, error, "written to" if writing else "read from")
        return SkipRecord(misfit.what, do=misfit.do, record=self.kind, ref=_ref(record))


def explained(entry: Entry, error: Exception, verb: str = "read from") -> Misfit:
    """`error` as a sentence about the field; without the value where its name sounds like a
    secret's."""
    if _SECRETIVE.search(f"{entry.path} {entry.field[-1]}"):
        what = "the value does not fit (it is not shown, as its name sounds like a secret's)."
        do = "Look at the record at its source, and correct it there or in the mapping."
    else:
        misfit = as_misfit(error)
        what, do = misfit.what, misfit.do
    return Misfit(f"`{'.'.join(entry.field)}` cannot be {verb} `{entry.path}`: {what}", do)


def load_mapping(
    files: Sequence[MappingFile],
    converters: Mapping[str, Converter] = NO_CONVERTERS,
    kinds: Kinds = KINDS,
) -> dict[str, RecordMapping]:
    """`files`, each laid over those before it, compiled: a mapping per record kind they name.

    `converters` are those that plugins brought. Raises `Stop` with the first mistake's file
    and line; `tallystick.mapping.check.check_mapping` lists them all.
    """
    layered = lay(files, with_builtin(converters), kinds)
    problems = layered.unreadable + [problem_at(files, found) for found in layered.findings]
    if problems:
        first, *others = problems
        rest = f" `tallystick mapping check` lists {len(others)} more." if others else ""
        raise Stop(first.what, do=f"{first.do}{rest}", place=first.place)
    return {
        kind: RecordMapping(kind, kinds[kind], fields) for kind, fields in layered.entries.items()
    }


def _ref(record: Mapping[str, Any]) -> str | None:
    return str(record["id"]) if record.get("id") else None


def _column(entry: Entry) -> str | None:
    """The name that is all of the entry's path, if it is that simple."""
    steps = entry.path.steps if entry.path else ()
    return steps[0].name if len(steps) == 1 and isinstance(steps[0], Name) else None


def _getter(entry: Entry) -> Callable[[Raw], Any]:
    """What finds an entry's value; `company.id` and the like without a walk, as they abound."""
    path = entry.path
    if path is None:
        return lambda _: entry.const
    names = [step.name for step in path.steps if isinstance(step, Name)]
    if not len(names) == len(path.steps) == 2:
        return path.get
    outer, inner = names

    def get(raw: Raw) -> Any:
        part = raw.get(outer)
        return part.get(inner) if type(part) is dict else path.get(raw)

    return get


def _store(record: dict[str, Any], field: Field, value: Any) -> None:
    if len(field) == 1:
        record[field[0]] = value
    else:
        record.setdefault(field[0], {})[field[1]] = value


def _lookup(record: Mapping[str, Any], field: Field) -> tuple[bool, Any]:
    """Whether `record` has `field`, and its value."""
    part: Any = record
    for name in field:
        if not isinstance(part, Mapping) or name not in part:
            return False, None
        part = part[name]
    return True, part
