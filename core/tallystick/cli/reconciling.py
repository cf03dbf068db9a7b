"""`reconcile assets`: devices nobody bills, and devices billed that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.devices import Reconciled

SAID = {
    "unbilled": "not billed",
    "unknown": "not known at home",
    "over_billed": "billed, and gone",
    "wrong_type": "wrong type",
    "stale": "billed, and silent",
    "duplicate": "billed twice",
}


def assets(
    client: Annotated[str | None, Parameter(help="Only this client: ref, id or name.")] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show devices that contracts and tools disagree about, and the money at stake.

    Each with what a month is worth and what to do; the most money first.
    """
    from tallystick.cli.names import client_names
    from tallystick.views.devices import reconcile_devices

    screen = common.screen
    with common.installation() as installation, screen.step("reconcile devices") as more:
        terms = installation.terms
        only = None
        if client is not None:
            with installation.database.read() as connection:
                only = client_names(connection, terms.homes).find(client)
        found = reconcile_devices(installation.database, terms, installation.today, more, only)
    screen.result(found, lambda: _show(screen, found))


def _show(screen: Screen, found: list[Reconciled]) -> None:
    if not found:
        screen.line("Contracts count what there is.")
        return
    rows = [
        (
            some.name if first else "",
            one.device,
            SAID[one.code],
            one.monthly,
            one.what,
            one.do,
        )
        for some in found
        for first, one in ((one is some.findings[0], one) for one in some.findings)
    ]
    screen.table("Devices", ("client", "device", "is", "a month", "what", "do this"), rows)
    sums: dict[str, int] = {}
    for some in found:
        for one in some.findings:
            sums[one.monthly.currency] = sums.get(one.monthly.currency, 0) + one.monthly.minor
    from tallystick.money import Money

    at_stake = " and ".join(str(Money(minor, currency)) for currency, minor in sorted(sums.items()))
    screen.line(f"{counted(len(rows), 'device')}; at stake a month: {at_stake}.")
