"""`bill simulate`: what a contract would have come to under other terms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.simulate import Simulation


def simulate(
    contract: Annotated[str, Parameter(help="The contract's id, as its own tool knows it.")],
    /,
    *,
    with_: Annotated[Path, Parameter(name="--with", metavar="FILE")],
    over: Annotated[str, Parameter(metavar="MONTHS")],
    common: Common = COMMON,
) -> None:
    """Price last months' real work under changed terms.

    Shows what each line came to, what it would have come to, and the difference, month by
    month. Nothing is stored.

    Parameters
    ----------
    with_
        A TOML file of what changes: [contract], [[line]] by id, [[rate_card]] by name.
    over
        The months to price, such as 2026-01..2026-09.
    """
    from tallystick.config.changes import read_changes
    from tallystick.engine.terms import with_cards
    from tallystick.period import parse_period
    from tallystick.views.simulate import simulate as run

    screen = common.screen
    months = parse_period(over)
    changes = read_changes(with_)
    with common.installation() as installation:
        terms = installation.terms
        after = with_cards(terms, changes.rate_card)
        found = run(installation.database, terms, after, contract, changes.change, months)
    screen.result(found, lambda: _show(screen, found))


def _show(screen: Screen, found: Simulation) -> None:
    from tallystick.billing.rates.cards import clock
    from tallystick.money import total

    if not found.months:
        screen.line(f"{found.contract} comes to nothing in {found.over}, before and after.")
        return
    rows: list[tuple[object, ...]] = []
    month = None
    for one in found.months:
        shown = f"{one.month:%Y-%m}" if one.month != month else ""
        month = one.month
        where = "" if one.contract == found.contract else f" ({one.contract})"
        rows.append((shown, one.text + where, one.before, one.after, one.difference))
    for currency in sorted({one.before.currency for one in found.months}):
        own = [one for one in found.months if one.before.currency == currency]
        before = total((one.before for one in own), currency)
        after = total((one.after for one in own), currency)
        rows.append(("total", "", before, after, after - before))
    screen.table(
        f"{found.contract} of {found.client} over {found.over}, net",
        ("month", "line", "as it is", "changed", "difference"),
        rows,
    )
    screen.table(
        "Where the client's work ends",
        ("bucket", "hours as it is", "changed"),
        [(one.bucket, clock(one.before_s), clock(one.after_s)) for one in found.hours],
    )
