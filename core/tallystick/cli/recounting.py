"""`reconcile counts | approve | refuse`: agreed quantities against devices."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import ACTING, Acting
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.billing.devices.following import Difference, Following
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.cycle.recount import RecountReport
    from tallystick.store.billing.recounts import Recount

Line = Annotated[str, Parameter(help="The line, as `reconcile counts` shows it.")]


def counts(
    client: Annotated[str | None, Parameter(help="Only this client: ref, id or name.")] = None,
    /,
    *,
    propose: Annotated[
        bool, Parameter(negative=(), help="Ask for every difference to become a change.")
    ] = False,
    since: Annotated[
        date | None,
        Parameter(name="--from", help="The first day it is billed so. [default: today]"),
    ] = None,
    acting: Acting = ACTING,
) -> None:
    """Show lines whose agreed quantity is not what there is of devices ([[device_count]]).

    With --propose each becomes a change that a second person approves.
    """
    from tallystick.cli.names import client_names
    from tallystick.cycle import recount

    screen = acting.screen
    with acting.installation() as at, screen.step("count devices") as more:
        with at.database.read() as connection:
            names = client_names(connection, at.homes)
            only = names.find(client) if client is not None else None
        follow = [one.following for one in at.config.device_count]
        compared = recount.count(at.database, at.terms, follow, at.today, more, only)
        report = recount.RecountReport(compared.differences)
        if propose and compared.lines:
            given = (at.database, compared.differences, since or at.today, acting.who, at.now)
            report = recount.ask(*given, whole=only is None)
        waiting = recount.waiting(at.database)
    document = {
        "compared": compared.lines,
        "differences": report.differences,
        "asked": report.asked,
        "withdrawn": report.withdrawn,
        "waiting": waiting,
    }
    nothing = "" if compared.lines else _nothing_compared(follow)
    screen.result(document, lambda: _show(screen, report, waiting, names, nothing))


def _nothing_compared(follow: Sequence[Following]) -> str:
    """Why no line was held against devices, and what to do about it."""
    if not follow:
        return (
            "Nothing was compared: no [[device_count]] of tallystick.toml says which lines are for"
            " which devices. Add one, with `line` and `asset_types` (docs/configuration.md)."
        )
    names = ", ".join(repr(one.line) for one in follow)
    return (
        f"Nothing was compared: no line in force with a quantity of its own is called {names}."
        ' Correct `line` of [[device_count]]; it is for lines with count_of = "literal".'
    )


def _show(
    screen: Screen,
    report: RecountReport,
    waiting: Sequence[Recount],
    names: ClientNames,
    nothing: str,
) -> None:
    if nothing:
        screen.line(nothing, "yellow")
    elif not report.differences:
        screen.line("Every line is for what there is.")
    else:
        columns = ("client", "line", "called", "is for", "there are", "a month more", "but")
        rows = [_row(one, names) for one in report.differences]
        screen.table("Quantities", columns, rows)
    if report.withdrawn:
        screen.line(f"{counted(len(report.withdrawn), 'change')} not asked for any more.")
    for one in waiting:
        change = one.change
        screen.line(
            f"{one.by} asks for {change.line} to be {change.quantity} instead of {one.agreed}"
            f" from {change.since}."
        )
    if waiting:
        screen.next("reconcile approve LINE --as NAME", "as a second person")
    elif report.differences:
        screen.next("reconcile counts --propose", "to have them changed")


def _row(one: Difference, names: ClientNames) -> tuple[object, ...]:
    there = f"{one.counted}: {', '.join(one.devices)}" if one.devices else "0"
    return names(one.client), one.line, one.description, one.agreed, there, one.monthly, one.why


def approve(line: Line, /, *, acting: Acting = ACTING) -> None:
    """Let a line be for what was counted, from the day it was asked for."""
    from tallystick.cycle import recount

    screen = acting.screen
    with acting.installation() as at:
        alone = at.terms.policy.sole_operator
        one = recount.approve(at.database, line, acting.who, at.now, sole_operator=alone)
    said = f"{one.description} is for {one.change.quantity} from {one.change.since}."
    screen.result(one, lambda: screen.line(said))


def refuse(line: Line, /, *, acting: Acting = ACTING) -> None:
    """Leave a line as it is; the same count does not ask again."""
    from tallystick.cycle import recount

    screen = acting.screen
    with acting.installation() as at:
        one = recount.refuse(at.database, line, acting.who, at.now)
    screen.result(one, lambda: screen.line(f"{one.description} stays for {one.agreed}."))
