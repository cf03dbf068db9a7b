"""Months: the share of an amount that belongs to each month of its service."""

from __future__ import annotations

from tallystick.money import Money, split
from tallystick.period import Period


def by_month(amount: Money, service: Period) -> list[tuple[Period, Money]]:
    """`amount` over the months of `service` in proportion to their days, losing nothing."""
    months = service.months()
    if len(months) == 1:
        return [(service, amount)]
    return list(zip(months, split(amount, [one.days for one in months]), strict=True))
