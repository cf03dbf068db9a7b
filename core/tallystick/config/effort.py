"""`[effort]`: what work costs beyond its technician's rate, and who is the MSP itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from tallystick.books import overhead as books
from tallystick.config.finding import Finding
from tallystick.config.table import Table
from tallystick.config.values import AboveZero, Amount, Currency, Day, Ref


class Overhead(Table):
    """Either `percent`, or `monthly` with `productive_hours` and `currency`."""

    percent: Amount | None = Field(
        default=None, description="By percentage: what is added to labour."
    )
    monthly: Amount | None = Field(
        default=None, description="Or by capacity: the overhead of a month ..."
    )
    productive_hours: AboveZero | None = Field(
        default=None,
        description="... over the hours all technicians can work for clients in a month.",
    )
    currency: Currency | None = Field(default=None, description="The currency of `monthly`.")
    valid_from: Day = Field(
        default=date.min,
        description="First day of work it is laid on, until that of the next; always without it.",
    )


class Effort(Table):
    internal: tuple[Ref, ...] = Field(
        default=(), examples=[["psa:1"]], description="Clients that are the MSP itself."
    )
    overhead: tuple[Overhead, ...] = Field(
        default=(), description="What an hour costs beyond its cost rate, from a day on."
    )


def overheads(effort: Effort) -> tuple[books.Overhead, ...]:
    """The loads as the books reckon with them; raises `ValueError` for what `overhead_findings`
    finds."""
    return tuple(map(_load, effort.overhead))


def _load(one: Overhead) -> books.Overhead:
    monthly, hours, currency = one.monthly, one.productive_hours, one.currency
    if one.percent is None and monthly is not None and hours is not None and currency is not None:
        return books.by_capacity(monthly, hours, currency, one.valid_from)
    if one.percent is None or (monthly, hours, currency) != (None, None, None):
        raise ValueError("it does not say how it is spread over the work")
    return books.Overhead(percent=one.percent, valid_from=one.valid_from)


def overhead_findings(effort: Effort) -> Iterator[Finding]:
    """Overhead that does not say how it is spread, and two from the same day."""
    days: set[date] = set()
    for i, one in enumerate(effort.overhead):
        keys = ("effort", "overhead", i)
        try:
            _load(one)
        except ValueError:
            what = "An overhead does not say how it is spread over the work."
            do = "Give either percent, or monthly with productive_hours and currency."
            yield Finding(keys, what, do)
        if one.valid_from in days:
            do = "Remove one, or give it another `valid_from`."
            yield Finding(keys, "There are two overheads from the same day.", do)
        days.add(one.valid_from)
