"""`explain profit`: from a figure to what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common, PeriodText

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.views.explain_profit import ProfitStory

SHOWN = 20
"""So many postings and bookings are printed; --json has all."""


def explain_profit(
    contract: Annotated[str, Parameter(help="The contract's id, as its own tool knows it.")],
    period: PeriodText,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show what a contract's profit is made of.

    The postings behind its revenue, the bookings behind its effort, its direct cost, what was used
    of its allowances. From a booking `explain booking` goes on, from a posting `explain invoice`.
    """
    from tallystick.cli.documents import fields_of
    from tallystick.period import parse_period
    from tallystick.views.explain_profit import explain_profit as read_story

    screen = common.screen
    with common.installation() as installation:
        story = read_story(
            installation.database,
            installation.cells,
            installation.terms,
            contract,
            parse_period(period),
        )
    document = {**fields_of(story), "figures": [row.told() for row in story.figures]}
    screen.result(document, lambda: _show_story(screen, story))


def _show_story(screen: Screen, story: ProfitStory) -> None:
    from tallystick.billing.rates.cards import clock

    for row in story.figures:
        screen.line(f"{row.name} ({row.ref}) in {story.period}", "bold")
        screen.line(f"  revenue  {row.revenue}")
        screen.line(f"- labour   {row.labour}")
        screen.line(f"- overhead {row.overhead}")
        screen.line(f"- direct   {row.direct_cost}")
        screen.line(f"= margin   {row.margin or 'not known: ' + '; '.join(row.notes)}", "bold")
    screen.table(
        f"Revenue: {len(story.earned)} postings",
        ("month", "line", "account", "amount", "entry"),
        [
            (f"{one.month:%Y-%m}", one.line, one.account, one.amount, one.source)
            for one in story.earned[:SHOWN]
        ],
    )
    screen.table(
        f"Effort: {len(story.spent)} bookings",
        ("booking", "day", "technician", "work", "hours", "labour", "overhead", ""),
        [
            (
                one.booking,
                one.work_date,
                one.technician,
                one.work_type,
                clock(one.seconds),
                one.labour,
                one.overhead,
                one.problem,
            )
            for one in story.spent[:SHOWN]
        ],
    )
    if story.bought:
        screen.table(
            f"Direct cost: {len(story.bought)}",
            ("cost", "kind", "month", "amount"),
            [(one.source, one.kind, f"{one.month:%Y-%m}", one.amount) for one in story.bought],
        )
    if story.allowances:
        screen.table(
            "Allowances and balances",
            ("line", "what", "unit", "used", "available"),
            [
                (one.line, one.description, one.unit, one.used, one.available)
                for one in story.allowances
            ],
        )
    if max(len(story.earned), len(story.spent)) > SHOWN:
        screen.line(f"The first {SHOWN} of each are shown; --json has all.", "dim")
