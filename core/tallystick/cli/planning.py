"""`cash plan`: an invoice paid in instalments."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tallystick.cli.options import ACTING, Acting, day

if TYPE_CHECKING:
    from tallystick.cash.policy.decision import Agreed
    from tallystick.cli.screen import Screen


def plan(
    invoice: Annotated[
        str | None, Parameter(help="Its number; all plans are listed without.")
    ] = None,
    /,
    *,
    parts: Annotated[int | None, Parameter(show_default=False)] = None,
    every: Literal["month", "fortnight", "week"] = "month",
    first: Annotated[
        date | None, Parameter(name="--from", converter=day, show_default=lambda _: "today")
    ] = None,
    end: Annotated[str | None, Parameter(metavar="REASON")] = None,
    acting: Acting = ACTING,
) -> None:
    """Let an invoice be paid in instalments.

    Only what is due of them is collected, and the invoice is not dunned meanwhile. A missed
    instalment ends the plan.

    Parameters
    ----------
    parts
        How many instalments; what is open is shared out to the cent.
    every
        The time between two.
    first
        The day of the first.
    end
        End the plan of this invoice, for this reason; it is recorded.
    """
    from tallystick.cash.collecting.plans import agree, agreed
    from tallystick.cash.collecting.plans import end as end_plan
    from tallystick.errors import Stop

    screen = acting.screen
    if invoice is not None and (parts is None) == (end is None):
        raise Stop(
            "It does not say what becomes of the invoice.",
            do=f"`tallystick cash plan {invoice} --parts 3`, or --end REASON.",
        )
    with acting.installation() as installation:
        database = installation.database
        if invoice is not None and parts is not None:
            begins = first or installation.today
            agree(database, invoice, parts, every, begins, acting.who, installation.now)
        elif invoice is not None and end is not None:
            end_plan(database, invoice, acting.who, end, installation.now)
        with database.read() as connection:
            found = agreed(connection)
    shown = {number: one for number, one in found.items() if invoice in (None, number)}
    screen.result(_document(shown), lambda: _show(screen, shown))


def _document(found: dict[str, Agreed]) -> list[dict[str, Any]]:
    return [{"invoice": number, "instalments": one.parts} for number, one in sorted(found.items())]


def _show(screen: Screen, found: dict[str, Agreed]) -> None:
    for number, one in sorted(found.items()):
        rows = [(part.due_on, part.amount) for part in one.parts]
        screen.table(f"Payment plan of {number}", ("due", "amount"), rows)
    if not found:
        screen.line("There is no payment plan.")
