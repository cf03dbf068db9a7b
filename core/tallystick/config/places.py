"""Where a key of the configuration stands, and what pydantic found wrong with it, in our words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tallystick.errors import Problem
from tallystick.mapping import toml_line
from tallystick.mapping.entries import suggest
from tallystick.mapping.twoway import Misfit

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The file's name and text, and the environment variables that override keys of it."""

    name: str
    text: str
    overridden: Mapping[Keys, str]

    def at(self, keys: Keys) -> str:
        """`file:line` of the key, or the environment variable that sets it."""
        for length in range(len(keys), 0, -1):
            if variable := self.overridden.get(keys[:length]):
                return f"environment variable {variable}"
        return self.in_file(keys)

    def of_unknown(self, keys: Keys) -> str:
        """Where a table or key stands that means nothing: a variable may have made it up."""
        below = (name for made, name in self.overridden.items() if made[: len(keys)] == keys)
        variable = next(below, None)
        return f"environment variable {variable}" if variable else self.at(keys)

    def in_file(self, keys: Keys) -> str:
        return f"{self.name}:{toml_line(self.text, keys)}"

    def problem(self, keys: Keys, what: str, do: str) -> Problem:
        return Problem(self.at(keys), what, do)


def dotted(keys: Iterable[str | int]) -> str:
    """`rate_card.rate.hourly`; which of several is said by the line."""
    return ".".join(key for key in keys if isinstance(key, str))


def explained(
    error: ValidationError,
    model: type[BaseModel],
    places: Places,
    within: Keys = (),
    known: Collection[Keys] = (),
    look_up: str = "docs/configuration.md describes every key.",
) -> list[Problem]:
    """Each finding about the table of `model` at the keys `within`, but for those at `known`
    keys; `look_up` is where its keys are described. Values are never quoted, except by the
    sentence of a `Misfit`."""
    found = error.errors(include_url=False, include_input=False)
    items = {one["loc"][:-1] for one in found}
    return [
        _explained(one, model, places, within, look_up)
        for one in found
        if one["loc"] not in known
        # a list is too short also because of the items that are refused, which are told already
        and not (one["type"] == "too_short" and one["loc"] in items)
    ]


def _explained(
    error: ErrorDetails, model: type[BaseModel], places: Places, within: Keys, look_up: str
) -> Problem:
    loc = tuple(key for key in error["loc"] if key != "[key]")
    keys = (*within, *loc)
    name, table = dotted(keys), dotted(keys[:-1]) or "the file"
    cause = error.get("ctx", {}).get("error")
    if error["type"] == "missing":
        do = f"Add it to {table}." if len(keys) > 1 else f"Add a table [{name}]."
        return places.problem(keys, f"`{name}` is missing.", f"{do} {look_up}" if within else do)
    if error["type"] == "extra_forbidden":
        known = sorted(_known(model, loc[:-1]))
        what = f"There is no key `{keys[-1]}` in {table}.{suggest(str(keys[-1]), known)}"
        do = f"Known there are {', '.join(known) or 'none'}."
        return Problem(places.of_unknown(keys), what, do)
    if isinstance(cause, Misfit):
        return places.problem(keys, f"`{name}`: {cause.what}", cause.do)
    said = str(cause) if cause else error["msg"].replace("Input should be", "it should be")
    return places.problem(
        keys, f"`{name}` is not right: {said.rstrip('.')}.", f"Correct it; {look_up}"
    )


def _known(model: type[BaseModel], loc: Keys) -> set[str]:
    """The keys that the table at `loc` may have."""
    tables = {model}
    for key in loc:
        fields = [
            field
            for table in tables
            for name, field in table.model_fields.items()
            if key in (name, field.alias)
        ]
        if fields:  # else it is a position, or a name the user gave
            tables = {inner for field in fields for inner in tables_in(field.annotation)}
    return {field.alias or name for table in tables for name, field in table.model_fields.items()}


def tables_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of the annotated type may be or contain."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from tables_in(part)
