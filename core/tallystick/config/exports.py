"""The files a person already has: found in a folder, their kinds guessed, their first rows read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tallystick.config.guess import Columns, guess_kind
from tallystick.config.samples import sample
from tallystick.connector import Connector, Context, Pulled, Source
from tallystick.errors import Problem, TallystickError
from tallystick.records import KINDS

SUFFIXES = (".csv", ".xlsx", ".jsonl")
DELIMITERS = (",", ";", "\t")
HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Exports:
    """`files` by kind, with their `columns`; `unused` are files of no known kind, `unread` says
    why others could not be read. `delimiter` and `encoding` are those of the CSV files."""

    files: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Columns] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8"
    unused: list[str] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)


def find_exports(
    folder: Path, connector: Connector[BaseModel], now: Callable[[], datetime]
) -> Exports:
    """What lies in `folder` (not below it), read through the `files` connector.

    Raises nothing: what cannot be read is told in `unread`.
    """
    paths = sorted(path for path in folder.glob("[!.~]*.*") if path.suffix.lower() in SUFFIXES)
    heads = [_head(path) for path in paths if path.suffix.lower() == ".csv"]
    exports = Exports(delimiter=_delimiter(heads), encoding=_encoding(heads))
    found: dict[str, str] = {}
    for path in paths:
        kind = guess_kind(path.name)
        if kind is None or kind in found or kind not in connector.reads:
            exports.unused.append(path.name)
        else:
            found[kind] = path.name
    for kind in (kind for kind in KINDS if kind in found):
        exports.files[kind] = found[kind]
        rows: Sequence[Pulled] = []
        try:
            rows = _rows(kind, found[kind], exports, connector, Context("init", folder, now))
        except TallystickError as error:
            exports.unread.append(error.as_problem(found[kind]))
        exports.columns[kind] = _columns(rows)
    return exports


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _rows(
    kind: str, file: str, exports: Exports, connector: Connector[BaseModel], context: Context
) -> Sequence[Pulled]:
    settings = connector.settings.model_validate(
        {
            "folder": ".",
            "files": {kind: file},
            "delimiter": exports.delimiter,
            "encoding": exports.encoding,
        }
    )
    session = connector.open(settings, context)
    return sample(session, kind).rows if isinstance(session, Source) else []


def _columns(rows: Sequence[Pulled]) -> Columns:
    """Every column with its values that say something, in the order they come."""
    columns: dict[str, list[Any]] = {name: [] for row in rows for name in row.raw}
    for row in rows:
        for name, value in row.raw.items():
            if value not in (None, "") and value not in columns[name]:
                columns[name].append(value)
    return columns


def _delimiter(heads: Sequence[bytes]) -> str:
    """The one most CSV files have most of in their first line."""
    votes: Counter[str] = Counter()
    for head in heads:
        first = head.split(b"\n", 1)[0]
        votes[max(DELIMITERS, key=lambda mark: first.count(mark.encode()))] += 1
    return votes.most_common(1)[0][0] if votes else DELIMITERS[0]


def _encoding(heads: Sequence[bytes]) -> str:
    for head in heads:
        whole = head[: head.rfind(b"\n")] if len(head) == HEAD else head
        try:
            whole.decode("utf-8")
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
