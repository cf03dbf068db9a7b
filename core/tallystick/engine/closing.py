"""Closing a period, with what the installation brings."""

from __future__ import annotations

from tallystick.cycle import close as closing
from tallystick.cycle.recognise import recognise
from tallystick.engine.installation import Installation
from tallystick.engine.terms import exchange_rates
from tallystick.period import Period
from tallystick.store.profit.rebuilding import ensure


def close(
    installation: Installation, period: Period, by: str, accepted: str | None
) -> closing.CloseReport:
    """Recognise what the period earned, then close it if the checklist or `accepted` lets it, with
    the effort and cost known by now."""
    posts = bool(installation.takers_of("invoice"))
    if period.end <= installation.today:
        given = (installation.database, installation.terms, period, period.last_day)
        recognise(*given, installation.now)
    ensure(installation.database, installation.cells)
    return closing.close(
        installation.database,
        installation.terms,
        period,
        by,
        accepted,
        installation.today,
        installation.now,
        posts,
        exchange_rates(installation.config),
    )
