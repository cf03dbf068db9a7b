"""`balance`: what a client has prepaid, and what is left of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.balances import BalancesView


def balance(
    client: Annotated[str, Parameter(help="A client's id or name.")],
    /,
    *,
    on: Annotated[date | None, Parameter(help="At the end of this day; today if left out.")] = None,
    common: Common = COMMON,
) -> None:
    """Show what a client has prepaid.

    Every package with what was bought, drawn, is left and expired.
    """
    from tallystick.cli.names import client_names
    from tallystick.views.balances import balances

    screen = common.screen
    with common.installation() as installation:
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
        ref = names.find(client)
        as_of = on or installation.today
        found = balances(installation.database, installation.terms, ref, as_of)
    screen.result(found, lambda: show_balances(screen, found, names(ref)))


def show_balances(screen: Screen, found: BalancesView, name: str) -> None:
    """One row per package, what expires first in front."""
    for sentence in found.unreadable:
        screen.line(sentence, "yellow")
    if not found.packages:
        screen.line(f"{name} has nothing prepaid on {found.as_of}.")
        return
    screen.table(
        f"Prepaid by {name} on {found.as_of}",
        ("line", "bought on", "unit", "bought", "drawn", "left", "expired", "last day"),
        [
            (
                one.description,
                one.usable.start,
                one.price.currency if one.unit == "money" else one.unit,
                one.bought,
                one.drawn,
                one.left,
                one.expired,
                None if one.usable.end == date.max else one.usable.last_day,
            )
            for one in found.packages
        ],
    )
