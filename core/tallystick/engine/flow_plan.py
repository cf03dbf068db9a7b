"""What a flow would do now, as far as both sides are known here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from tallystick.engine.installation import Installation
from tallystick.errors import Problem
from tallystick.records import Asset, Record, Ticket
from tallystick.store.facts import flows
from tallystick.store.facts.links import homes_of
from tallystick.store.facts.records import records_at
from tallystick.sync.flowing import Flow, Side, Step, step
from tallystick.sync.gathering import Alert, gather


@dataclass(slots=True)
class FlowReport:
    """What one flow did, or with `dry_run` would do. `held` records wait until somebody accepts
    that they are so many; `steps` has what was to be done, `known` is how many the target has.
    `joining` are records told in a copy that was there, with its id and what it was last given."""

    flow: Flow
    known: int = 0
    steps: list[Step] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    held: int = 0
    joining: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(bool(one.asked) for one in self.steps)


def plan(installation: Installation, flow: Flow) -> FlowReport:
    """What the flow would do now."""
    report = FlowReport(flow)
    with installation.database.read() as connection:
        known = _Known(connection, flow)
        report.known = len(known.copies)
        names = Names(connection, flow)
    if flow.same:
        report.joining = known.gather()
    for ref, copy_id in known.pairs:
        record = known.sources[ref]
        values, unknown = names.at_target(_values(record, flow.fields))
        if unknown:
            report.problems.append(_unknown(flow, ref, unknown))
            continue
        if copy_id is None and values.get("client", "") is None:
            # a device of no client is the MSP's own, as the monitoring server itself
            if flow.kind != "asset":
                report.problems.append(_nobodys(flow, ref))
            continue
        if copy_id is not None and copy_id not in known.copies:
            continue  # pushed, and not pulled back yet
        copy = None if copy_id is None else known.copies[copy_id]
        side = copy and Side(copy.id, _values(copy, flow.fields), copy.updated_at)
        last = known.last(ref, copy_id)
        told = last.pushed if last else {}
        one = step(flow, Side(ref, values, record.updated_at), side or None, told)
        if one is not None:
            after = last.pushed_at if last else None
            report.steps.append(replace(one, after=after, told=told))
    return report


class _Known:
    """Both sides of a flow as they are stored, and what went over of them. `pairs` has each record
    with something to say, and the id of its copy."""

    def __init__(self, connection: Connection, flow: Flow) -> None:
        self._flow = flow
        self.sources = records_at(connection, flow.kind, flow.source)
        if flow.kind == "ticket":
            devices = records_at(connection, "asset", flow.source)
            self.sources = {ref: _of_its_device(one, devices) for ref, one in self.sources.items()}
        self.copies = records_at(connection, flow.kind, flow.target)
        self._before = flows.pushed(connection, flow.kind, flow.source, flow.target)
        self._homes = homes_of(connection, flow.kind)
        self._there = _by_home(flow.target, self.copies, self._homes)
        self._newest: dict[str, Any] = {}
        for row in sorted(self._before.values(), key=lambda row: row.pushed_at):
            self._newest[row.target_id] = row
        self.pairs = [(ref, self._copy_of(ref)) for ref in self.sources]

    def last(self, ref: str, copy_id: str | None) -> Any:
        """What the copy was last given, whichever record gave it."""
        return self._before.get(ref) if copy_id is None else self._newest.get(copy_id)

    def gather(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """Let one record speak for each copy; the copy of each record that joins one, with what it
        was last given."""
        found = gather(
            [
                Alert(ref, tuple(getattr(one, name) for name in self._flow.same), *_life(one))
                for ref, one in self.sources.items()
                if isinstance(one, Ticket)
            ],
            {ref: copy_id for ref, copy_id in self.pairs if copy_id is not None},
            self._closed_at,
            self._flow.again,
        )
        spoken = [(ref, copy_id) for copy_id, ref in found.speaking.items()]
        self.pairs = [*spoken, *((ref, None) for ref in found.making)]
        return {
            ref: (copy_id, row.pushed if (row := self._newest.get(copy_id)) else {})
            for ref, copy_id in found.joining.items()
        }

    def _copy_of(self, ref: str) -> str | None:
        own = f"{self._flow.source}:{ref}"
        last = self._before.get(ref)
        return self._there.get(self._homes.get(own, own), last.target_id if last else None)

    def _closed_at(self, copy_id: str) -> datetime | None:
        """None also where it was pushed and not pulled back yet."""
        copy = self.copies.get(copy_id)
        return copy.closed_at or copy.resolved_at if isinstance(copy, Ticket) else None


def _life(alert: Ticket) -> tuple[datetime, bool]:
    return alert.opened_at, (alert.closed_at or alert.resolved_at) is not None


def _of_its_device(record: Record, devices: Mapping[str, Record]) -> Record:
    """The alert as the client's whose device it is of, where it names none itself."""
    if not isinstance(record, Ticket) or record.client or record.asset is None:
        return record
    device = devices.get(record.asset)
    return (
        msgspec.structs.replace(record, client=device.client)
        if isinstance(device, Asset)
        else record
    )


class Names:
    """What the target calls the records that a record names."""

    def __init__(self, connection: Connection, flow: Flow) -> None:
        self._flow = flow
        wanted = [name for name in flows.REFERENCES if name in flow.fields]
        self._homes = {kind: homes_of(connection, kind) for kind in wanted}
        self._there = {
            kind: _by_home(flow.target, flows.ids_at(connection, kind, flow.target), homes)
            for kind, homes in self._homes.items()
        }

    def at_target(self, values: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        """The values with the target's ids; and the first reference it has no record for."""
        for kind, homes in self._homes.items():
            if (ref := values.get(kind)) is not None:
                named = f"{self._flow.source}:{ref}"
                there = self._there[kind].get(homes.get(named, named))
                if there is None:
                    return values, f"{kind} {ref}"
                values[kind] = there
        return values, None


def _by_home(target: str, ids: Iterable[str], homes: Mapping[str, str]) -> dict[str, str]:
    """What `target` calls each thing, by the ref of its home record, or by its own where it is no
    copy."""
    return {homes.get(ref := f"{target}:{one}", ref): one for one in ids}


def _values(record: Record, fields: tuple[str, ...]) -> dict[str, Any]:
    plain = msgspec.to_builtins(record)
    return {name: plain.get(name) for name in fields}


def _unknown(flow: Flow, ref: str, unknown: str) -> Problem:
    return Problem(
        f"{flow.kind} {ref} of {flow.source} to {flow.target}",
        f"{flow.target} does not know its {unknown}.",
        f"Link it (`tallystick links`), or let {unknown.split()[0]} flow there first.",
    )


def _nobodys(flow: Flow, ref: str) -> Problem:
    return Problem(
        f"{flow.kind} {ref} of {flow.source} to {flow.target}",
        "It names no client, and neither does its device.",
        f"Say whose the device is in {flow.source}; it flows at the next sync.",
    )
