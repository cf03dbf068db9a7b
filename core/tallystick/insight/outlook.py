"""Outlook: what the months ahead may cost, by count of devices or users where that is clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.insight.drivers import fit
from tallystick.insight.history import Month
from tallystick.insight.spread import Spread, spread

DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Outlook:
    """The spread to price by, and what was looked at to get it."""

    spread: Spread
    because: tuple[str, ...]


def outlook(months: Sequence[Month], ahead: int) -> Outlook:
    """The outlook for the next `ahead` months, with as many devices and users as there are now.

    Of devices, users and the devices' age, the one along which cost rises most clearly is taken;
    two at once cannot be told apart in so few months.
    """
    costs = [month.cost.minor for month in months]
    now = months[-1]
    older = now.device_days + ahead * DAYS_OF_A_MONTH // 2 if now.devices else 0
    fits = [
        fit(costs, [one.devices for one in months], now.devices, "devices"),
        fit(costs, [one.users for one in months], now.users, "users"),
        fit(costs, [one.device_days for one in months], older, "the devices' age in days"),
    ]
    best = max(fits, key=lambda one: one.signal if one.found else 0)
    if best.found:
        return Outlook(best.found, (best.why,))
    return Outlook(spread(costs), tuple(one.why for one in fits))
