"""The first rows of a source, and what stands between them and being records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from tallystick.connector import Broken, Pulled, Source
from tallystick.errors import Problem
from tallystick.mapping import MappingFile, check_mapping
from tallystick.mapping.converters import Converter
from tallystick.mapping.locate import parse_toml, toml_line
from tallystick.records import KINDS

ROWS = 50
Converters = Mapping[str, Converter]


class Sample(NamedTuple):
    """Rows as the vendor gave them, and rows that could not be read."""

    rows: list[Pulled]
    broken: list[Problem]


def sample(source: Source, kind: str) -> Sample:
    """The first 50 rows of `kind`; raises what the source raises."""
    rows = (item for item in source.pull(kind, None) if isinstance(item, Pulled | Broken))
    found = list(islice(rows, ROWS))
    return Sample(
        [item for item in found if isinstance(item, Pulled)],
        [Problem(item.place, item.what, item.do) for item in found if isinstance(item, Broken)],
    )


def check_samples(
    files: Sequence[MappingFile],
    samples: Mapping[str, Sample],
    converters: Converters,
    shipped: int,
) -> Iterator[Problem]:
    """What is wrong with the mapping `files`, of which the first `shipped` came with a connector,
    and with the rows where there are none."""
    raws = {kind: [row.raw for row in one.rows] for kind, one in samples.items()}
    yield from check_mapping(files, raws, converters, shipped=shipped)
    yield from _untimed(files)
    for kind, one in samples.items():
        yield from one.broken
        if not files:
            yield from _uncanonical(kind, one.rows)


def mapped_fields(files: Sequence[MappingFile]) -> dict[str, set[str]]:
    """The fields that each kind is given by any of `files`."""
    fields: dict[str, set[str]] = {}
    for file in files:
        for kind, table in parse_toml(file.text).items():
            fields.setdefault(kind, set()).update(table if isinstance(table, dict) else ())
    return fields


def _untimed(files: Sequence[MappingFile]) -> Iterator[Problem]:
    """A booking mapping that gives no duration or no day, which no single field shows."""
    given = mapped_fields(files).get("booking")
    if given is None:
        return
    place = f"{files[-1].name}:{toml_line(files[-1].text, ('booking',))}"
    if "seconds" not in given and not {"started_at", "ended_at"} <= given:
        what = "A booking needs a duration, which nothing is mapped to."
        yield Problem(place, what, "Map `seconds`, or `started_at` and `ended_at`.")
    if not {"work_date", "started_at"} & given:
        what = "A booking needs a day, which nothing is mapped to."
        yield Problem(place, what, "Map `work_date` or `started_at`.")


def _uncanonical(kind: str, rows: Iterable[Pulled]) -> Iterator[Problem]:
    """What keeps rows that no mapping reads from being records; each reason once."""
    seen: set[str] = set()
    for row in rows:
        try:
            as_spelled(kind, row)
        except msgspec.ValidationError as error:
            what = f"It is no {kind} as Tallystick spells one: {error}."
            if what not in seen:
                yield Problem(row.place, what, f"Map it: [{kind}] in the connection's `mapping`.")
            seen.add(what)


def as_spelled(kind: str, row: Pulled) -> Any:
    """The record that a row in Tallystick's own words is; raises `msgspec.ValidationError`."""
    return msgspec.convert(dict(row.raw), KINDS[kind], strict=False)
