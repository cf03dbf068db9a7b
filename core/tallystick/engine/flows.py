"""Flows: what one connection knows is brought to another, once a change, and never in circles."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from tallystick.config.connections import mapping_files
from tallystick.connector import Raw, Sink
from tallystick.delivery import deliver
from tallystick.engine.installation import Installation
from tallystick.engine.linking import relink
from tallystick.engine.progress import Progress
from tallystick.errors import Problem, SkipRecord, Stop
from tallystick.mapping import load_mapping
from tallystick.mapping.mapping import RecordMapping
from tallystick.records import KINDS, Record
from tallystick.store import flows, inbound, links
from tallystick.store.facts import records_at
from tallystick.store.inbound import digest
from tallystick.store.keeping import Keeper
from tallystick.store.links import Pair, homes_of
from tallystick.sync.border import admit
from tallystick.sync.flowing import Flow, Side, Step, sendable, step, too_much

NOT_FLOWING = ("id", "version", "updated_at")


@dataclass(slots=True)
class FlowReport:
    """What one flow did, or with `dry_run` would do. `held` records wait until somebody accepts
    that they are so many; `steps` has what was to be done, `known` is how many the target has."""

    flow: Flow
    known: int = 0
    steps: list[Step] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    held: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(bool(one.asked) for one in self.steps)


def flow_all(
    installation: Installation, progress: Progress, *, dry_run: bool = False, accept: bool = False
) -> list[FlowReport]:
    """Every [[flow]], what others refer to first. What one cannot do is a problem of its report."""
    order = list(KINDS)
    wanted = sorted(installation.config.flow, key=lambda one: order.index(one.record))
    reports = []
    for one in wanted:
        target = Target(installation, one.to, one.record)
        flow = Flow(
            one.record, one.from_, one.to, one.fields or target.fields, one.conflict, one.create
        )
        report = plan(installation, flow)
        reports.append(report)
        sending = sendable(report.steps)
        if not dry_run and too_much(sending, report.known) and not accept:
            report.held = len(sending)
        elif not dry_run and sending:
            with progress.step(flow.name) as more:
                for wanted_step in sending:
                    _push(installation, target, wanted_step, report)
                    more(1)
            relink(installation)
    return reports


def plan(installation: Installation, flow: Flow) -> FlowReport:
    """What the flow would do now."""
    report = FlowReport(flow)
    with installation.database.read() as connection:
        sources = records_at(connection, flow.kind, flow.source)
        copies = records_at(connection, flow.kind, flow.target)
        report.known = len(copies)
        homes = homes_of(connection, flow.kind)
        there = _by_home(flow.target, copies, homes)
        before = flows.pushed(connection, flow.kind, flow.source, flow.target)
        names = Names(connection, flow)
        for ref, record in sources.items():
            values, unknown = names.at_target(_values(record, flow.fields))
            if unknown:
                report.problems.append(_unknown(flow, ref, unknown))
                continue
            last = before.get(ref)
            own = f"{flow.source}:{ref}"
            copy_id = there.get(homes.get(own, own), last.target_id if last else None)
            if copy_id is not None and copy_id not in copies:
                continue  # pushed, and not pulled back yet
            copy = None if copy_id is None else copies[copy_id]
            side = copy and Side(copy.id, _values(copy, flow.fields), copy.updated_at)
            one = step(
                flow,
                Side(ref, values, record.updated_at),
                side or None,
                last.pushed if last else {},
            )
            if one is not None:
                report.steps.append(replace(one, after=last.pushed_at if last else None))
    return report


class Target:
    """The connection records are pushed to, and how they are spelled there."""

    def __init__(self, installation: Installation, name: str, kind: str) -> None:
        connector = installation.connector(name)
        if kind not in connector.writes:
            raise Stop(
                f"{kind} flows to {name}, and connector {connector.name} does not write it.",
                do=f"It writes {', '.join(sorted(connector.writes)) or 'nothing'}.",
            )
        self.name, self.kind = name, kind
        session = installation.session(name)
        if not isinstance(session, Sink):
            raise Stop(f"Connection {name} takes no records.", do="Remove the [[flow]] to it.")
        self.sink: Sink = session
        files = mapping_files(installation.config.connection[name], connector, installation.root)
        mappings = load_mapping(files, installation.plugins.converters()) if files else {}
        self.mapping: RecordMapping | None = mappings.get(kind)

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything its mapping can write; all fields where it has none."""
        if self.mapping is None:
            names = [one.name for one in msgspec.structs.fields(KINDS[self.kind])]
        else:
            names = [
                entry.field[0]
                for entry in self.mapping.entries.values()
                if entry.write is not None and len(entry.field) == 1
            ]
        return tuple(name for name in names if name not in NOT_FLOWING)

    def raw(self, values: Mapping[str, Any]) -> Raw:
        """In the target's words; raises `SkipRecord` for a value it has no word for."""
        hints = typing.get_type_hints(KINDS[self.kind], include_extras=True)
        typed = {name: msgspec.convert(value, hints[name]) for name, value in values.items()}
        if self.mapping is None:
            return {name: value for name, value in typed.items() if value is not None}
        return self.mapping.write(typed)

    def values(self, raw: Raw) -> dict[str, Any]:
        return self.mapping.read(raw) if self.mapping else dict(raw)


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


def _push(installation: Installation, target: Target, one: Step, report: FlowReport) -> None:
    """Deliver one step and note what the target has of it now."""
    flow, heard = report.flow, []
    key = f"{flow.source}:{one.source.id}"
    values = one.values
    if one.copy is not None:
        key = f"{key}:{digest((sorted(values.items()), one.after))}"
        values = {**values, "id": one.copy.id}
    place = f"{flow.kind} {one.source.id} of {flow.source} to {flow.target}"
    try:
        raw = target.raw(values)
    except SkipRecord as error:
        report.problems.append(error.as_problem(place))
        return

    def verify(back: Raw) -> str | None:
        heard.append(back)
        return None

    given = (installation.database, target.sink, target.name, flow.kind, key, raw)
    done = deliver(*given, installation.now, verify)
    if done.state != "confirmed" or done.vendor_id is None:
        do = "It is looked up and, if it is not there, pushed again at the next sync."
        report.problems.append(Problem(place, done.reason, do))
        return
    report.created += one.creates
    report.updated += not one.creates
    _note(installation, target, one, done.vendor_id, next(iter(heard), None), flow)


def _note(
    installation: Installation,
    target: Target,
    one: Step,
    target_id: str,
    back: Raw | None,
    flow: Flow,
) -> None:
    """What the target confirmed: its record as it is there now, and whose copy it is."""
    now = installation.now()
    with installation.database.write() as connection:
        for record in _read_back(installation, target, target_id, back):
            keep = Keeper(installation.cells)
            inbound.store_records(connection, target.name, flow.kind, [record], now, keep)
        mine, theirs = (flow.source, one.source.id), (target.name, target_id)
        flows.note(connection, flow.kind, mine, theirs, one.values, now)
        home = installation.terms.homes.get(flow.kind)
        if one.creates and home in (flow.source, flow.target):
            copy, own = (theirs, mine) if home == flow.source else (mine, theirs)
            by = f"the flow from {flow.source} to {flow.target}"
            links.decide(connection, Pair(flow.kind, *copy, *own), by, now, same=True)


def _read_back(
    installation: Installation, target: Target, target_id: str, back: Raw | None
) -> Iterator[Record]:
    """The target's record as it answered, where that is a whole one; the next sync brings it
    otherwise."""
    if back is None:
        return
    try:
        values = {**target.values(back), "id": target_id}
        yield admit(target.kind, KINDS[target.kind], values, installation.terms.zone)
    except SkipRecord:
        return


def _unknown(flow: Flow, ref: str, unknown: str) -> Problem:
    return Problem(
        f"{flow.kind} {ref} of {flow.source} to {flow.target}",
        f"{flow.target} does not know its {unknown}.",
        f"Link it (`tallystick links`), or let {unknown.split()[0]} flow there first.",
    )
