"""`books compare`: the receivable ledger against accounting's open items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.open_items import Compared


def compare(*, common: Common = COMMON) -> int:
    """Compare what is open of invoices here with what accounting says is open.

    Asks every connection that can tell its open items. What is still on its way there explains a
    difference; any other is listed, and the command then ends with code 1.
    """
    from tallystick.connector import Ledger
    from tallystick.views.open_items import compare_open_items

    screen = common.screen
    with common.installation() as installation:
        found = [
            compare_open_items(installation.database, name, ledger)
            for name, ledger in installation.sessions_of(Ledger)
        ]
    screen.result([_document(one) for one in found], lambda: _show(screen, found))
    return 0 if all(one.agrees for one in found) else 1


def _document(one: Compared) -> dict[str, Any]:
    return {
        "connection": one.connection,
        "open_here": one.ours,
        "open_there": one.theirs,
        "agrees": one.agrees,
        "differences": [
            {
                "number": each.number,
                "open_here": each.ours,
                "on_its_way": each.coming,
                "open_there": each.theirs,
                "unexplained": each.unexplained,
            }
            for each in one.differences
        ],
    }


def _show(screen: Screen, found: list[Compared]) -> None:
    if not found:
        screen.line("No connection tells what is open in accounting.", "yellow")
    for one in found:
        if one.differences:
            screen.table(
                f"Open here and in {one.connection}",
                ("document", "here", "on its way", "there", "unexplained"),
                [
                    (each.number, each.ours, each.coming, each.theirs, each.unexplained or None)
                    for each in one.differences
                ],
            )
        wrong = [each for each in one.differences if not each.explained]
        sums = ", ".join(str(amount) for amount in one.ours.values()) or "nothing"
        if wrong:
            said = f"{counted(len(wrong), 'document')} of {one.connection} differ."
            screen.line(f"{sums} open here; {said} Correct what it names, there or here.", "red")
        else:
            screen.line(f"{sums} open here, and {one.connection} agrees.")
