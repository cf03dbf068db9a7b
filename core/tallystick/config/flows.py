"""`[[flow]]`: which records go from one connection to another by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from tallystick.config.finding import Finding
from tallystick.config.table import Table
from tallystick.config.values import ConnectionName, Kind, Text


class Flow(Table):
    record: Kind = Field(description="The record kind.")
    from_: ConnectionName = Field(alias="from", description="The connection it comes from.")
    to: ConnectionName = Field(description="The connection it goes to.")
    fields: tuple[Text, ...] = Field(
        default=(),
        examples=[["name", "serial", "type"]],
        description="What `from` has a say about; without it all both mappings have.",
    )
    conflict: Literal["source", "target", "newest", "ask"] = Field(
        default="source", description="Whose value stays where both sides changed one."
    )
    create: bool = Field(default=True, description="Whether what `to` lacks is made there.")


def flow_findings(flows: tuple[Flow, ...], known: Mapping[str, object]) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for i, one in enumerate(flows):
        for key, name in (("from", one.from_), ("to", one.to)):
            if name not in known:
                do = f"Configured are {', '.join(sorted(known)) or 'none'}."
                yield Finding(("flow", i, key), f"There is no connection {name!r}.", do)
        if one.from_ == one.to:
            what = f"{one.record} flows from {one.to} to itself."
            yield Finding(("flow", i, "to"), what, "Name another connection.")
        key_of = (one.record, one.from_, one.to)
        if key_of in seen:
            what = f"{one.record} flows from {one.from_} to {one.to} twice."
            yield Finding(("flow", i), what, "Leave one of the two.")
        seen.add(key_of)
