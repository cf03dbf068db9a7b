"""What a schedule can have done: the commands' own steps, with counts for the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tallystick.config.schedules import Task
from tallystick.engine import cash, dunning, inbound, mailing
from tallystick.engine.bill_run import bill_run
from tallystick.engine.installation import Installation
from tallystick.engine.line import run_line
from tallystick.engine.progress import Quiet
from tallystick.errors import Retry
from tallystick.period import parse_period

Counts = Mapping[str, int]
DOER = "schedule"
"""Who prepared what a schedule had prepared; nobody of that name can approve it."""


def perform(installation: Installation, task: Task, period: str) -> Counts:
    """Do it, as far as policy and the facts let it go; `period` is what `run` and `bill run`
    bill. Raises when it could not be done whole: done again, it goes on where it stopped."""
    if task in ("run", "bill run"):
        return _bill(installation, task, period)
    return _ALONE[task](installation)


def _bill(installation: Installation, task: Task, period: str) -> Counts:
    months = parse_period(period)
    if task == "run":
        return run_line(installation, months, DOER, installation.today, Quiet()).counts()
    counts = bill_run(installation, months, DOER, installation.today, Quiet()).counts()
    installation.plugins.tell(
        "tallystick_run_finished", command=f"bill run {months}", report=counts
    )
    return counts


def _sync(installation: Installation) -> Counts:
    report = inbound.sync(installation, Quiet())
    if report.failed:
        listed = " ".join(str(error) for error in report.failed)
        raise Retry(
            f"Not every connection could be read: {listed}",
            do="What did come in is stored; it is read again by itself.",
        )
    return {"rows_synced": report.written}


def _settle(installation: Installation) -> Counts:
    report = cash.settle(installation, Quiet())
    return {
        "movements": report.movements,
        "settled": len(report.settled),
        "returned": len(report.returned),
        "suspended": report.suspended,
        "placed": report.placed,
        "problems": len(report.problems),
    }


def _collect(installation: Installation) -> Counts:
    """What is decided here is sent by whoever advances attempts: many at a time, if there are
    many."""
    plan = cash.intend(installation)
    return {
        "intended": len(plan.intentions),
        "held": len(plan.held),
        "without_mandate": len(plan.without_mandate),
    }


def _send(installation: Installation) -> Counts:
    report = mailing.send(installation, (), Quiet())
    return {"sent": len(report.sent), "held": len(report.held)}


def _dunning(installation: Installation) -> Counts:
    report = dunning.send(installation, Quiet())
    return {"sent": len(report.letters), "spared": len(report.spared), "held": len(report.held)}


_ALONE: dict[str, Callable[[Installation], Counts]] = {
    "sync": _sync,
    "settle": _settle,
    "collect": _collect,
    "dunning": _dunning,
    "send": _send,
}
