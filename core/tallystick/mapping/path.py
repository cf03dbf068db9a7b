"""Paths into a vendor's record, and the lens (get and put) through them.

    actualHours                              a name
    company.id                               a name inside an object
    phones[0]                                the first of a list
    customFields[caption=Cost Centre].value  the item of a list whose caption is that
    "Hours (incl. travel)"                   a name with a dot or bracket in it, in quotes

Nothing and null are the same to a lens: both are `None`. Three laws hold for every path, record
`s` and values `a`, `b` other than None (`tests/test_mapping_path.py` proves them):

    get-put  put(s, get(s)) == s          writing back what was read changes nothing
    put-get  get(put(s, a)) == a          what was written is what is read
    put-put  put(put(s, a), b) == put(s, b)

They are why a select is never the last step and why the name after it may not be the key it
selects on: writing there would make the item another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.mapping.twoway import Misfit, type_name

_QUOTED = r'"(?:[^"]|"")+"'
_STEP = re.compile(
    rf"""(?:^|(?!^)\.)(?P<name>{_QUOTED}|[^.\[\]"]+)
    |\[(?P<index>[0-9]{{1,3}})\]
    |\[(?P<key>{_QUOTED}|[^=\[\]"]+)=(?P<value>{_QUOTED}|[^\[\]"]+)\]""",
    re.VERBOSE,
)
_WHOLE_NUMBER = re.compile(r"-?[1-9][0-9]{0,17}|0")


@dataclass(frozen=True, slots=True)
class Name:
    """`.name`: a member of an object."""

    name: str

    def get(self, whole: Any) -> Any:
        if type(whole) is dict or isinstance(whole, Mapping):
            return whole.get(self.name)
        if whole is None:
            return None
        raise _mismatch(f"`{self}` is looked for in an object", whole)

    def put(self, whole: Any, part: Any) -> dict[str, Any]:
        if whole is not None and not isinstance(whole, Mapping):
            raise _mismatch(f"`{self}` belongs in an object", whole)
        return {**(whole or {}), self.name: part}

    def __str__(self) -> str:
        return _spelled(self.name, ".[]")


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`: an item of a list by position; put fills a shorter list up with nulls."""

    index: int

    def get(self, whole: Any) -> Any:
        items = _items(self, whole)
        return items[self.index] if self.index < len(items) else None

    def put(self, whole: Any, part: Any) -> list[Any]:
        items = list(_items(self, whole))
        items.extend([None] * (self.index + 1 - len(items)))
        items[self.index] = part
        return items

    def __str__(self) -> str:
        return f"[{self.index}]"


@dataclass(frozen=True, slots=True)
class Select:
    """`[key=value]`: the first item of a list whose `key` is `value`; put creates it.

    A number and its text match each other (vendors mix them). What put creates is a number
    where the path says `[id=7]` and text where it says `[id="7"]`.
    """

    key: str
    value: str | int

    def position(self, items: list[Any]) -> int | None:
        wanted = str(self.value)
        for position, item in enumerate(items):
            found = item.get(self.key) if isinstance(item, Mapping) else None
            if (type(found) is str or type(found) is int) and str(found) == wanted:
                return position
        return None

    def get(self, whole: Any) -> Any:
        items = _items(self, whole)
        position = self.position(items)
        return None if position is None else items[position]

    def put(self, whole: Any, part: Any) -> list[Any]:
        items = _items(self, whole)
        position = self.position(items)
        if position is None:
            return [*items, {self.key: self.value, **part}]
        return [*items[:position], part, *items[position + 1 :]]

    def __str__(self) -> str:
        key = _spelled(self.key, "=[]")
        if isinstance(self.value, int):
            return f"[{key}={self.value}]"
        return f"[{key}={_spelled(self.value, '[]', _WHOLE_NUMBER.fullmatch)}]"


Step = Name | Index | Select


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; `str()` of it parses to the same path."""

    steps: tuple[Step, ...]

    def get(self, raw: Mapping[str, Any]) -> Any:
        """The value there, None when there is none; raises `Misfit` when a step meets
        another shape than it walks through, such as text where an object should be."""
        part: Any = raw
        for step in self.steps:
            if part is None:
                return None
            part = step.get(part)
        return part

    def put(self, raw: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """A copy of `raw` with `value` there; what is not on the way is shared, not copied.

        Putting None writes an explicit null over a value and changes nothing where there is
        none. Raises `Misfit` like `get`.
        """
        if value is None and self.get(raw) is None:
            return dict(raw)
        changed: dict[str, Any] = _put(self.steps, raw, value)
        return changed

    def overlaps(self, other: Path) -> bool:
        """Whether one path leads into (or is) the other."""
        return all(a == b for a, b in zip(self.steps, other.steps, strict=False))

    def __str__(self) -> str:
        dotted = (f".{step}" if isinstance(step, Name) else str(step) for step in self.steps)
        return "".join(dotted).removeprefix(".")


def _put(steps: tuple[Step, ...], whole: Any, value: Any) -> Any:
    if not steps:
        return value
    step, *rest = steps
    return step.put(whole, _put(tuple(rest), step.get(whole), value))


def parse_path(text: str) -> Path:
    """Raises `Misfit` naming the place where `text` stops being a path, or the broken rule."""
    steps: list[Step] = []
    at = 0
    while at < len(text) or not steps:
        match = _STEP.match(text, at)
        if match is None or (not steps and match["name"] is None):
            raise Misfit(
                f"{text!r} is not a path: it cannot be read from {text[at:]!r} on.",
                "A path is a name followed by steps such as .name, [0] or [key=value]; "
                'a name that has a dot or bracket in it goes in "double quotes".',
            )
        steps.append(_step(match))
        at = match.end()
    _lawful(text, steps)
    return Path(tuple(steps))


def _step(match: re.Match[str]) -> Step:
    if match["name"] is not None:
        return Name(_unquoted(match["name"]))
    if match["index"] is not None:
        return Index(int(match["index"]))
    value = match["value"]
    number = _WHOLE_NUMBER.fullmatch(value)
    return Select(_unquoted(match["key"]), int(value) if number else _unquoted(value))


def _lawful(text: str, steps: list[Step]) -> None:
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, Select) and not isinstance(after, Name):
            raise Misfit(
                f"In {text!r} the select `{step}` is not followed by a name.",
                "A select picks an object: say which of its fields is meant, "
                f"as in `{step}.value`.",
            )
        if isinstance(step, Select) and isinstance(after, Name) and after.name == step.key:
            raise Misfit(
                f"{text!r} leads to {after.name!r}, the key that `{step}` selects on.",
                "That value is fixed by the select itself: choose another field, or use `const`.",
            )


def _items(step: Step, whole: Any) -> list[Any]:
    if whole is None:
        return []
    if not isinstance(whole, list):
        raise _mismatch(f"`{step}` is looked for in a list", whole)
    return whole


def _mismatch(expectation: str, found: object) -> Misfit:
    return Misfit(
        f"{expectation}, but the record has {type_name(found)} there.",
        "Correct `at` in the mapping to the record's real shape.",
    )


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _spelled(
    text: str, special: str, needs_quotes: Callable[[str], object] = lambda _: None
) -> str:
    if '"' in text or needs_quotes(text) or any(mark in text for mark in special):
        return '"' + text.replace('"', '""') + '"'
    return text
