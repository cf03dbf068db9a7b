"""`[[flow]]`: which records go from one connection to another by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from tallystick.config.finding import Finding
from tallystick.config.table import Table
from tallystick.config.values import ConnectionName, Kind, Text
from tallystick.records import Ticket


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
    same: tuple[Text, ...] = Field(
        default=(),
        examples=[["asset", "title"]],
        description="Alerts that agree in these fields are one ticket while it is open.",
    )
    again_minutes: int = Field(
        default=0,
        ge=0,
        le=7 * 24 * 60,
        description="So long after it was closed, the same ticket is opened again.",
    )


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
        yield from _same_findings(("flow", i), one)
        key_of = (one.record, one.from_, one.to)
        if key_of in seen:
            what = f"{one.record} flows from {one.from_} to {one.to} twice."
            yield Finding(("flow", i), what, "Leave one of the two.")
        seen.add(key_of)


def _same_findings(at: tuple[str | int, ...], flow: Flow) -> Iterator[Finding]:
    if flow.same and flow.record != "ticket":
        yield Finding((*at, "same"), f"`same` is about alerts, not {flow.record}.", "Remove it.")
    elif unknown := [one for one in flow.same if one not in Ticket.__struct_fields__]:
        what = f"A ticket has no field {', '.join(map(repr, unknown))}."
        yield Finding((*at, "same"), what, f"It has {', '.join(Ticket.__struct_fields__)}.")
    if flow.again_minutes and not (flow.same and "status" in flow.fields):
        what = "A ticket is opened again by its status, and this flow brings none over."
        do = 'Add "status" to `fields`, and `same`; or remove `again_minutes`.'
        yield Finding((*at, "again_minutes"), what, do)
