"""`bill holes`: what no contract prices, and what two of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.holes import Holes


def holes(*, common: Common = COMMON) -> None:
    """List holes in the contracts in force today.

    Work nobody prices, devices that count under two contracts or none, contracts that bill
    nothing, hours without a rate, rates for nothing.
    """
    from tallystick.views.holes import find_holes

    screen = common.screen
    with common.installation() as installation, screen.step("look through contracts") as more:
        found = find_holes(installation.database, installation.terms, installation.today, more)
    screen.result(found, lambda: _show(screen, found))


def _show(screen: Screen, found: list[Holes]) -> None:
    if not found:
        screen.line("Every contract in force prices what its client has and does.")
        return
    rows = [
        (some.name if first else "", hole.code, hole.what, hole.do)
        for some in found
        for first, hole in ((one is some.holes[0], one) for one in some.holes)
    ]
    screen.table("Holes", ("at", "hole", "what", "do this"), rows)
    screen.line(f"{counted(len(rows), 'hole')}.")
