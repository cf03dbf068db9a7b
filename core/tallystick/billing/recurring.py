"""What recurs: the service periods of a line that are due, in arrears or in advance."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallystick.billing.charges import LineFacts, LineTerms
from tallystick.billing.coverage import CALENDAR
from tallystick.billing.facts import ends
from tallystick.billing.proration import Convention
from tallystick.period import Cycle, Period, Unit


class RecurringTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per calendar `cycle`, prorated by `proration` where the line covers a part of it."""

    unit_price: Decimal
    cycle: Unit = "month"
    proration: Convention = "actual_days"


def in_advance(line: LineFacts, unit: Unit) -> Iterator[tuple[Period, Period]]:
    """`(part, whole)` of every calendar cycle begun before the horizon: `part` are the days of
    it on which the line is in force, also those after the horizon."""
    last = ends(line.line, line.facts.contract)
    for whole in Cycle(unit, 1, CALENDAR).within(line.span):
        yield Period(max(whole.start, line.span.start), min(whole.end, last)), whole


def in_arrears(line: LineFacts, unit: Unit) -> Iterator[tuple[Period, Period]]:
    """`(part, whole)` of every calendar cycle whose last day in force is before the horizon."""
    for part, whole in in_advance(line, unit):
        if part.end <= line.span.end:
            yield part, whole
