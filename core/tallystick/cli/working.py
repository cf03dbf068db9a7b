"""`work`: what the engine has still to do, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen

RUNS_SHOWN = 10


def work(*, common: Common = COMMON) -> int:
    """Show what is unfinished, what failed and why, and the last scheduled runs.

    What failed is tried again, each time after a longer wait; what failed too often is parked:
    told here, tried once a day. Exit code 1 when something is parked.
    """
    from tallystick.engine.advance import unfinished
    from tallystick.engine.work import PARKED_AFTER
    from tallystick.store.engine import postponed, scheduled

    with common.installation() as installation, installation.database.read() as connection:
        failed = {(row.kind, row.id): row for row in postponed.everything(connection)}
        works = list(unfinished(installation, connection))
        runs = scheduled.latest(connection, RUNS_SHOWN)
        now = installation.now()
    found = []
    for one in works:
        row = failed.get((one.kind, one.id))
        tries = row.tries if row else 0
        found.append(
            {
                "kind": one.kind,
                "id": one.id,
                "due_at": max(one.due_at, now),
                "tries": tries,
                "parked": tries >= PARKED_AFTER,
                "reason": row.reason if row else "",
            }
        )
    document = {
        "unfinished": found,
        "runs": [
            {"task": row.task, "period": row.period, "ended_at": row.ended_at, **row.report}
            for row in runs
        ],
    }
    common.screen.result(document, lambda: _show(common.screen, document))
    return int(any(one["parked"] for one in found))


def _show(screen: Screen, document: dict[str, Any]) -> None:
    failed = [one for one in document["unfinished"] if one["reason"]]
    for one in failed:
        state = "parked" if one["parked"] else "is tried again"
        said = f"{one['kind']} {one['id']} {state} at {one['due_at']:%Y-%m-%d %H:%M} UTC"
        screen.line(f"{said}, after {one['tries']}: {one['reason']}", "yellow")
    if document["runs"]:
        screen.table(
            "Scheduled runs",
            ("task", "period", "ended", "due", "missed"),
            [
                (one["task"], one["period"] or None, one["ended_at"], one["due"], one["missed"])
                for one in document["runs"]
            ],
        )
    rest = len(document["unfinished"]) - len(failed)
    screen.line(f"{rest} to be done, {len(failed)} failed so far.")
