"""Histories as short as they can be written: contract C1 from January 2024, in euro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tallystick.insight.history import Cause, History, Month
from tallystick.money import Money
from tallystick.period import add_months

START = date(2024, 1, 1)


def eur(amount: float) -> Money:
    return Money(round(100 * amount), "EUR")


def month(at: int, cost: float, fees: float = 0, **more: Any) -> Month:
    """The `at`-th month, costs and fees in euro."""
    plain: dict[str, Any] = {"seconds": 3600, "variable": eur(0)}
    return Month(first=add_months(START, at, 1), cost=eur(cost), fees=eur(fees), **(plain | more))


def history(
    costs: Sequence[float],
    fees: float = 0,
    ref: str = "psa:C1",
    scope_from: date = START,
    each: Mapping[int, Mapping[str, Any]] | None = None,
    **every: Any,
) -> History:
    """`every` goes into all months, `each` into the month of its number."""
    return History(
        contract=ref,
        client="Client",
        name=f"Contract {ref}",
        currency="EUR",
        months=tuple(
            month(at, cost, fees, **(every | dict((each or {}).get(at, {}))))
            for at, cost in enumerate(costs)
        ),
        scope_from=scope_from,
    )


def caused(**costs: float) -> dict[Cause, Money]:
    return {Cause("ticket type", name): eur(cost) for name, cost in costs.items()}
