"""`books close | reopen | periods`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common, PeriodText

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.cycle.close import CloseReport


def close(
    period: PeriodText,
    /,
    *,
    accept: Annotated[str | None, Parameter(metavar="REASON")] = None,
    acting: Acting = ACTING,
) -> int:
    """Close PERIOD: its reports do not move any more.

    Runs the checklist first. What is recorded for it later lands in the first open month and
    says so.

    Parameters
    ----------
    accept
        Close although something is open, for this reason; it is recorded.
    """
    from tallystick.engine.closing import close as run
    from tallystick.period import parse_period

    screen = acting.screen
    with acting.installation() as installation:
        report = run(installation, parse_period(period), acting.who, accept)
    document = {
        "period": report.period,
        "closed": report.closed,
        "checklist": report.items,
    }
    screen.result(document, lambda: _show(screen, report, period))
    return 0 if report.closed else 1


def _show(screen: Screen, report: CloseReport, period: str) -> None:
    rows = [
        ("open" if one.holds else "ok" if not one.count else "note", one.count, one.what, one.do)
        for one in report.items
    ]
    screen.table(
        f"Closing {report.period}",
        ("", "count", "what", "do"),
        [(state, count, what, do if count else "") for state, count, what, do in rows],
    )
    for one in report.items:
        if one.count:
            more = ", ..." if one.count > len(one.named) else ""
            screen.line(f"{one.what}: {', '.join(one.named)}{more}", "dim")
    if report.closed:
        screen.line(f"{report.period} is closed.", "bold")
        screen.next("books anchor FILE", "note elsewhere where the journal ends")
    else:
        screen.line(f"{report.period} stays open.", "yellow")
        screen.next(f"books close {period} --accept REASON", "closes it all the same")


def reopen(
    period: PeriodText,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; it is recorded.")],
    acting: Acting = ACTING,
) -> None:
    """Reopen PERIOD, the last that was closed.

    Needs two people: the first asks, a second does it within 24 hours.
    """
    from tallystick.cycle.close import reopen as run
    from tallystick.period import parse_period

    screen = acting.screen
    asked = parse_period(period)
    with acting.installation() as installation:
        done = run(installation.database, asked, acting.who, reason, installation.now)

    def shown() -> None:
        if done == "reopened":
            screen.line(f"{asked} is open again.", "bold")
            return
        screen.line(
            f"{acting.who} asks to reopen {asked}; it is closed until a second person does."
        )
        screen.next(f"books reopen {period} --reason WHY --as SECOND", "within 24 hours")

    screen.result({"period": asked, "state": done}, shown)


def periods(*, common: Common = COMMON) -> None:
    """Show which periods were closed and reopened, by whom and why."""
    from tallystick.period import Period
    from tallystick.store.books.periods import events, open_from

    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        rows = events(connection)
        opened = open_from(connection)
    found = [
        {
            "event": row.kind,
            "period": Period(row.period_start, row.period_end),
            "by": row.by,
            "at": row.at,
            "reason": row.reason,
            "accepted": [
                one["what"] for one in row.checklist if one["count"] and one["severity"] == "hold"
            ],
            "entries": row.entries,
        }
        for row in rows
    ]

    def shown() -> None:
        if not found:
            screen.line("No period was closed yet.")
            return
        columns = ("event", "period", "by", "at", "reason", "entries")
        screen.table("Periods", columns, [tuple(one[name] for name in columns) for one in found])
        screen.line(f"The books are open from {opened}.")

    screen.result({"open_from": opened, "events": found}, shown)
