"""What flows did, or would do: a line each, and in a dry run every field that would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.engine.flow_plan import FlowReport
    from tallystick.sync.flowing import Step


def flow_document(report: FlowReport) -> dict[str, Any]:
    return {
        "flow": report.flow.name,
        "created": report.created,
        "updated": report.updated,
        "held": report.held,
        "joined": len(report.joining),
        "problems": [str(one) for one in report.problems],
        "steps": [_step(one) for one in report.steps],
    }


def _step(one: Step) -> dict[str, Any]:
    return {
        "record": one.source.id,
        "copy": one.copy.id if one.copy else None,
        "changes": {change.field: [change.theirs, change.ours] for change in one.changes},
        "asked": {change.field: [change.theirs, change.ours] for change in one.asked},
    }


def show_flow(screen: Screen, report: FlowReport, *, dry_run: bool) -> None:
    name, kind = report.flow.name, report.flow.kind
    if dry_run:
        _show_steps(screen, report)
    elif report.held:
        many = counted(report.held, kind)
        screen.line(f"{name}: {many} would be written, which is much; nothing was.", "red")
        screen.line("Look with `tallystick sync --dry-run`, then `--accept-flows`.", "red")
    elif report.created or report.updated:
        screen.line(f"{name}: {report.created} made, {report.updated} changed.")
    if report.joining and not dry_run:
        screen.line(f"{name}: {counted(len(report.joining), kind)} told in one that is open.")
    if report.asked and not dry_run:
        many = counted(report.asked, kind)
        screen.line(f"{name}: {many} changed on both sides; `--dry-run` shows them.", "yellow")
    for problem in report.problems:
        screen.line(str(problem), "yellow")


def _show_steps(screen: Screen, report: FlowReport) -> None:
    rows = [
        (
            one.source.id if nth == 0 else "",
            (one.copy.id if one.copy else "new") if nth == 0 else "",
            change.field,
            change.theirs,
            change.ours,
            "changed on both sides" if change in one.asked else "",
        )
        for one in report.steps
        for nth, change in enumerate((*one.changes, *one.asked))
    ]
    if not rows:
        screen.line(f"{report.flow.name}: nothing would change.")
        return
    columns = (report.flow.source, report.flow.target, "field", "has", "would have", "")
    screen.table(report.flow.name, columns, rows)
