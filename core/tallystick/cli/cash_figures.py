"""How the figures of `cash` are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cash.showing.figures import CashFigures
    from tallystick.cash.showing.straight_through import StraightThrough
    from tallystick.cli.screen import Screen


def figures_document(found: CashFigures) -> dict[str, Any]:
    """Part of what `cash --json` prints."""
    from tallystick.books.ageing import BUCKETS

    through = found.straight_through
    return {
        "piles": found.piles,
        "days_sales_outstanding": [
            {
                "currency": one.receivable.currency,
                "days": one.days,
                "receivable": one.receivable,
                "billed": one.billed,
                "window_days": one.window_days,
            }
            for one in found.days_sales
        ],
        "straight_through": {
            "percent": _percent(through),
            "closed": through.closed,
            "untouched": through.untouched,
            "still_open": through.still_open,
            "reasons": [
                {"reason": reason, "invoices": many}
                for reason, many in sorted(through.reasons.items())
            ],
        },
        "ageing": [
            {"days": days, "amount": amount}
            for row in found.ageing
            for days, amount in zip(BUCKETS, row.buckets, strict=True)
        ],
    }


def show_figures(screen: Screen, found: CashFigures) -> None:
    from tallystick.books.ageing import BUCKETS

    if found.piles:
        screen.table(
            "Where it is",
            ("", "how many", "amount"),
            [(one.name, one.many, one.amount) for one in found.piles],
        )
    if found.ageing:
        screen.table(
            "How long it has been due", BUCKETS, [list(row.buckets) for row in found.ageing]
        )
    for one in found.days_sales:
        if one.days is not None:
            screen.line(
                f"Days sales outstanding: {one.days} ({one.receivable} receivable of "
                f"{one.billed} billed in {one.window_days} days)"
            )
    _show_rate(screen, found.straight_through)


def _show_rate(screen: Screen, found: StraightThrough) -> None:
    if not found.closed:
        return
    screen.line(
        f"Straight through: {_percent(found)} % of {counted(found.closed, 'invoice')} closed in "
        f"90 days went from proposal to cash without a person; {found.still_open} are still open."
    )
    for reason, many in found.reasons.most_common():
        screen.line(f"  {counted(many, 'invoice')}: {reason}")


def _percent(found: StraightThrough) -> str | None:
    rate = found.rate
    if rate is None:
        return None
    tenths = round(rate * 1000)
    return f"{tenths // 10}.{tenths % 10}"
