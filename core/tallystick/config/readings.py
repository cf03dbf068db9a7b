"""How the values of one column can be read: the converters themselves are tried on samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import inspect

from tallystick.config.meanings import MEANINGS
from tallystick.mapping.converters import AS_IS, BUILTIN
from tallystick.mapping.twoway import UNEXPECTED

Options = dict[str, Any]

UNDECIDED = "?"
DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y")
TIMES = (" %H:%M", " %H:%M:%S", " %I:%M %p", ", %H:%M")
MARKS: tuple[Options, ...] = ({}, {"decimal_mark": ","}, {"decimal_mark": "."})
UNITS = {
    "hours": ("hour", "hrs", "stunde", "std", "(h)", "[h]"),
    "minutes": ("min",),
    "int": ("second", "sek"),
}
MISFIT = "not every sample fits this"
ENDS = ("ends_on", "retired_on")
ENDED = 'the first day after it; as = "last_day" if it is the last day itself'


class Answer(NamedTuple):
    """What to write beside `at`, and what a person should know about it."""

    options: Options
    note: str = ""


def reading(
    field: str, shape: inspect.Type, column: str, values: Sequence[Any], zone: str
) -> Answer:
    """How `field`, of the type `shape`, is read from the sample `values` of `column`."""
    name = field.removeprefix("terms.")
    if name in MEANINGS:
        return _translated(MEANINGS[name], values)
    if name == "seconds":
        return _duration(column.casefold(), values)
    answer = _chosen(list(_candidates(shape, values, zone)), values)
    return answer if name not in ENDS or answer.note else Answer(answer.options, ENDED)


def _candidates(shape: inspect.Type, values: Sequence[Any], zone: str) -> Iterator[Options]:
    """Ways to read a value of the type, the plainest first."""
    if isinstance(shape, inspect.DateType):
        yield {"as": "date"}
        yield from ({"as": "date", "format": day} for day in DAYS)
    elif isinstance(shape, inspect.DateTimeType):
        yield {"as": "datetime"}
        yield {"as": "datetime", "zone": zone}
        for form in (*(day + time for day in ("%Y-%m-%d", *DAYS) for time in TIMES), *DAYS):
            yield {"as": "datetime", "format": form, "zone": zone}
        yield {"as": "datetime", "format": "%Y-%m-%d", "zone": zone}
        yield {"as": "epoch_ms"}
    elif isinstance(shape, inspect.DecimalType):
        yield from ({"as": "decimal", **mark} for mark in MARKS)
    elif isinstance(shape, inspect.IntType):
        yield {"as": "int"}
    elif isinstance(shape, inspect.BoolType):
        yield {"as": "bool"}
        yield {"values": {"Ja": True, "Nein": False}}
    elif isinstance(shape, inspect.StrType) and not all(isinstance(v, str) for v in values):
        yield {"as": "text"}
    elif _is_structured(shape):
        yield {"as": "toml"}
    elif isinstance(shape, inspect.VarTupleType) and all(isinstance(v, str) for v in values):
        commas = any("," in value for value in values) and not any(";" in v for v in values)
        yield {"as": "list", "separator": ","} if commas else {"as": "list"}
    else:
        yield {}


def _is_structured(shape: inspect.Type) -> bool:
    """Whether a value holds named values of its own, or a list of such."""
    if isinstance(shape, inspect.VarTupleType):
        return _is_structured(shape.item_type)
    if isinstance(shape, inspect.DictType):
        return not isinstance(shape.value_type, inspect.AnyType)
    return isinstance(shape, inspect.StructType)


def _chosen(candidates: Sequence[Options], values: Sequence[Any]) -> Answer:
    """The first candidate that reads every value, undecided where another reads them otherwise."""
    if not values:
        note = "no row has one to go by" if len(candidates) > 1 else ""
        return Answer(candidates[0], note)
    fitting = [(options, read) for options in candidates if (read := _read(options, values))]
    if not fitting:
        return Answer(candidates[0], MISFIT)
    first, result = fitting[0]
    for other, other_result in fitting[1:]:
        key = "format" if "format" in other else "decimal_mark"
        two_formats = "format" in first and "format" in other
        if two_formats or other_result != result:
            spelled = f'"{first[key]}"' if key in first else "without it"
            note = f'decide: the samples fit {spelled} and "{other.get(key)}"'
            return Answer({**first, key: UNDECIDED}, note)
    return Answer(first)


def _read(options: Options, values: Sequence[Any]) -> list[Any] | None:
    """`values` as `options` read them; None when they do not."""
    rest = {key: value for key, value in options.items() if key not in ("as", "values")}
    try:
        two_way = BUILTIN[options["as"]].build(rest) if "as" in options else AS_IS
        read = [two_way.read(value) for value in values]
        return [options["values"][value] for value in read] if "values" in options else read
    except UNEXPECTED:
        return None


def _duration(column: str, values: Sequence[Any]) -> Answer:
    """Hours, minutes and seconds all look alike: only the column's name or a colon tells."""
    if _read({"as": "hms"}, values) and values:
        return Answer({"as": "hms"})
    for converter, signs in UNITS.items():
        if any(sign in column for sign in signs):
            marks = ({},) if converter == "int" else MARKS
            return _chosen([{"as": converter, **mark} for mark in marks], values)
    return Answer({"as": UNDECIDED}, 'decide: "hours", "minutes", or "int" for seconds')


def _translated(meanings: dict[str, str], values: Sequence[Any]) -> Answer:
    """`values` for the words we know; the rest is left for the check to name."""
    words = list(dict.fromkeys(values))
    if all(word in meanings for word in words):
        return Answer({})
    ours_by_word = {word: ours for ours, said in meanings.items() for word in said.split()}
    spelled = {word: str(word).lower() if isinstance(word, bool) else str(word) for word in words}
    known = {
        text: ours_by_word[plain]
        for text in spelled.values()
        if (plain := "".join(filter(str.isalnum, text.casefold()))) in ours_by_word
    }
    options: Options = {}
    if not all(isinstance(word, str) for word in words):
        options["as"] = "bool" if all(isinstance(word, bool) for word in words) else "text"
    if known:
        options["values"] = known
    if len(set(known.values())) < len(known):
        options["push"] = False  # several of their words for one of ours: nothing to write back
    return Answer(options, "" if len(known) == len(words) else "not every word is known")
