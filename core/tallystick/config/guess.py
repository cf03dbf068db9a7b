"""A first guess at somebody's own files: which kind a file holds, which column is which field.

Guessing stops where two readings are possible: such an entry gets a "?" that the check of
the mapping refuses, so a person decides.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from msgspec import inspect, structs

from tallystick.billing.models import SHIPPED
from tallystick.config.file_words import KINDS_OF_FILES
from tallystick.config.readings import MISFIT, Answer, reading
from tallystick.config.words import COLUMNS
from tallystick.mapping.fitting import slots
from tallystick.mapping.path import Name, Path
from tallystick.records import KINDS

Columns = Mapping[str, Sequence[Any]]
"""Column names with sample values."""
NEAR = 0.86
SPELLED_ALIKE = (inspect.DateType, inspect.DateTimeType, inspect.DecimalType)
"""Types that one file spells in one way."""
SHORT_FOR = {"no": "number", "num": "number", "nr": "nummer"}
FILLERS = {"export", "exports", "report", "list", "all", "data", "sheet", "liste"}


class Line(NamedTuple):
    """One entry of a mapping file, and what a person should know about it."""

    field: str
    entry: dict[str, Any]
    note: str = ""


class Guess(NamedTuple):
    """`missing` are required fields that no column looks like, `unknown` the columns left over,
    `unfit` by optional field the column that sounds like it and holds nothing of the kind."""

    lines: list[Line]
    missing: list[str]
    unknown: list[str]
    unfit: dict[str, str]


class Field(NamedTuple):
    """A field that a mapping can fill; `shape` is msgspec's description of its type."""

    name: str
    shape: inspect.Type
    required: bool


def plain(name: str) -> str:
    """`Company Name`, `company_name` and `COMPANYNAME` are the same to a guess, and so are
    `Customer No` and `Customer Number`."""
    parts = re.split(r"[\W_]+", name.casefold())
    return "".join(SHORT_FOR.get(part, part) for part in parts)


def guess_kind(file: str) -> str | None:
    """The record kind a file of this name holds, None when the name does not say."""
    parts = re.split(r"[\W_\d]+", PurePath(file).stem.casefold())
    words = [part for part in parts if part and part not in FILLERS]
    kinds = {word: kind for kind, known in KINDS_OF_FILES.items() for word in known.split()}
    kinds |= {plain(kind): kind for kind in KINDS}
    for start in range(len(words)):  # all the words, then fewer: of `ticket hours`, the hours
        near = difflib.get_close_matches("".join(words[start:]), kinds, n=1, cutoff=NEAR)
        if near:
            return kinds[near[0]]
    return None


def guess_mapping(kind: str, columns: Columns, zone: str, currency: str) -> Guess:
    """How records of `kind` can be read from `columns`. `zone` is for times without an offset,
    `currency` for records whose columns name none."""
    known = {field.name: field for field in _fields(kind)}
    found = _assigned(kind, list(known.values()), list(columns))
    lines: list[Line] = []
    missing: list[str] = []
    unfit: dict[str, str] = {}
    for name, field in known.items():
        if name in found:
            column = found[name]
            values = columns[column]
            alone = [reading(name, field.shape, column, [value], zone) for value in values]
            if alone and not field.required and all(one.note == MISFIT for one in alone):
                unfit[name] = column
                continue
            answer = reading(name, field.shape, column, values, zone)
            if not values and (likes := _samples_like(field, known, found, columns)):
                options = reading(name, field.shape, column, likes, zone).options
                answer = Answer(options, f"{answer.note}: read as the others are")
            lines.append(_line(name, column, answer))
        elif name == "currency" and field.required:
            lines.append(Line(name, {"const": currency}, "no column names one"))
        elif field.required:
            missing.append(name)
    return Guess(lines, missing, [one for one in columns if one not in found.values()], unfit)


def _samples_like(
    field: Field, known: Mapping[str, Field], found: Mapping[str, str], columns: Columns
) -> Sequence[Any]:
    """What another column of the same file holds that is also a date, or also an amount."""
    if not isinstance(field.shape, SPELLED_ALIKE):
        return []
    alike = (name for name in found if type(known[name].shape) is type(field.shape))
    return next((columns[found[name]] for name in alike if columns[found[name]]), [])


def telling_apart(columns: Columns) -> list[str]:
    """The columns that could be an id: those with the most different samples."""
    most = max(map(len, columns.values()), default=0)
    return [name for name, values in columns.items() if len(values) == most]


def _line(field: str, column: str, answer: Answer) -> Line:
    at = str(Path((Name(column),)))
    return Line(field, {"at": at, **answer.options}, answer.note)


def _fields(kind: str) -> Iterable[Field]:
    for name, slot in slots(KINDS[kind]).items():
        if not slot.keyed:  # one that is stands under the names it holds
            yield Field(name, _shape(slot.type), slot.required)
    if kind == "contract_line":
        terms = {
            term.name: term.type
            for model in SHIPPED.values()
            for term in structs.fields(model.terms)
        }
        for name, annotation in terms.items():
            yield Field(f"terms.{name}", _shape(annotation), required=False)


def _shape(annotation: Any) -> inspect.Type:
    """The type without its `| None`."""
    shape = inspect.type_info(annotation)
    if isinstance(shape, inspect.UnionType):
        return next(one for one in shape.types if not isinstance(one, inspect.NoneType))
    return shape


def _assigned(kind: str, fields: Sequence[Field], columns: Sequence[str]) -> dict[str, str]:
    """A column for each field, none for two, the required fields first, the best match first."""
    scores = [
        (field.required, score, field.name, column)
        for field in fields
        for column in columns
        if (score := _likeness(plain(column), _words(kind, field.name), plain(kind))) > 0
    ]
    found: dict[str, str] = {}
    for _, _, field_name, column in sorted(scores, key=lambda one: (one[0], one[1]), reverse=True):
        if field_name not in found and column not in found.values():
            found[field_name] = column
    return found


def _words(kind: str, field: str) -> list[str]:
    listed = f"{COLUMNS[kind].get(field, '')} {COLUMNS[''].get(field, '')}"
    return [plain(field), plain(field.removeprefix("terms.")), *listed.split()]


def _likeness(column: str, words: Sequence[str], kind: str) -> float:
    """More than 1 for a word we know, the earlier the more; up to 1 for one spelled nearly so."""
    for position, word in enumerate(words):
        if column in (word, kind + word):
            return 100 - position
    near = difflib.get_close_matches(column, [word for word in words if len(word) > 4], 1, NEAR)
    return difflib.SequenceMatcher(None, column, near[0]).ratio() if near else 0
