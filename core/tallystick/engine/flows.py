"""Flows: what one connection knows is brought to another, once a change, and never in circles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection

from tallystick.connector import Raw
from tallystick.delivery import deliver
from tallystick.engine.flow_plan import FlowReport, plan
from tallystick.engine.flow_target import Target
from tallystick.engine.installation import Installation
from tallystick.engine.linking import relink
from tallystick.engine.progress import Progress
from tallystick.errors import Problem, SkipRecord
from tallystick.records import KINDS, Record
from tallystick.store.facts import flows, inbound, links
from tallystick.store.facts.digests import digest
from tallystick.store.facts.flows import Ref
from tallystick.store.facts.links import Pair
from tallystick.store.profit.keeping import Keeper
from tallystick.sync.border import admit
from tallystick.sync.flowing import Flow, Step, sendable, too_much


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
            one.record,
            one.from_,
            one.to,
            one.fields or target.fields,
            one.conflict,
            one.create,
            one.same,
            timedelta(minutes=one.again_minutes),
        )
        report = plan(installation, flow)
        reports.append(report)
        if report.joining and not dry_run:
            _join(installation, report)
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
        flows.note(connection, flow.kind, mine, theirs, {**one.told, **one.values}, now)
        if one.creates:
            _link(installation, connection, flow, mine, theirs)


def _join(installation: Installation, report: FlowReport) -> None:
    """Note that what is told anew was told already, in a copy that is there."""
    flow, now = report.flow, installation.now()
    with installation.database.write() as connection:
        for ref, (copy_id, told) in report.joining.items():
            mine, theirs = (flow.source, ref), (flow.target, copy_id)
            flows.note(connection, flow.kind, mine, theirs, told, now)
            _link(installation, connection, flow, mine, theirs)


def _link(
    installation: Installation, connection: Connection, flow: Flow, mine: Ref, theirs: Ref
) -> None:
    """Whose copy is whose, where one of the two is at home."""
    home = installation.homes.get(flow.kind)
    if home in (flow.source, flow.target):
        copy, own = (theirs, mine) if home == flow.source else (mine, theirs)
        by = f"the flow from {flow.source} to {flow.target}"
        links.decide(connection, Pair(flow.kind, *copy, *own), by, installation.now(), same=True)


def _read_back(
    installation: Installation, target: Target, target_id: str, back: Raw | None
) -> Iterator[Record]:
    """The target's record as it answered, where that is a whole one; the next sync brings it
    otherwise."""
    if back is None:
        return
    try:
        values = {**target.values(back), "id": target_id}
        yield admit(target.kind, KINDS[target.kind], values, installation.config.msp.zone)
    except SkipRecord:
        return
