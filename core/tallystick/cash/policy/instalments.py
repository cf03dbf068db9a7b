"""Payment plans: an invoice paid in parts, each on its day.

    1,000.00 in 3, every month from 31 Jan      333.34 on 31 Jan, 333.33 on 28 Feb, 333.33 on 31 Mar

A plan ends when an instalment is missed: less is paid `grace_days` after its day than is due by
then. All that is open is then due at once, as it was without a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from tallystick.money import Money, split, total
from tallystick.period import add_months

Every = Literal["month", "fortnight", "week"]
PARTS_MAX: Final = 60


class Instalment(NamedTuple):
    due_on: date
    amount: Money


def instalments(amount: Money, parts: int, every: Every, first: date) -> list[Instalment]:
    """`amount` in equal parts which sum to it exactly, the larger ones first.

    Raises `ValueError` for fewer than 2 parts, more than 60, or more than there are minor units.
    """
    if not 2 <= parts <= PARTS_MAX:
        raise ValueError(f"a plan has 2 to {PARTS_MAX} parts, not {parts}")
    if amount.minor < parts:
        raise ValueError(f"{amount} cannot be paid in {parts} parts")
    shares = split(amount, [1] * parts)
    return [Instalment(_day(first, n, every), share) for n, share in enumerate(shares)]


def due_by(plan: Sequence[Instalment], day: date) -> Money:
    """The sum of the instalments that are due on `day`."""
    return total((one.amount for one in plan if one.due_on <= day), plan[0].amount.currency)


def asked_on(plan: Sequence[Instalment], paid: Money, day: date) -> Money:
    """What may be collected on `day`: all instalments due by then, less what was `paid` since the
    plan began; never negative."""
    return max(due_by(plan, day) - paid, Money.zero(paid.currency))


def next_due(plan: Sequence[Instalment], paid: Money) -> Instalment | None:
    """The first instalment that is not wholly paid, with what is missing of it."""
    reached = Money.zero(paid.currency)
    for one in plan:
        reached += one.amount
        if paid.minor < reached.minor:
            return Instalment(one.due_on, min(reached - paid, one.amount))
    return None


def missed(plan: Sequence[Instalment], paid: Money, grace_days: int, day: date) -> date | None:
    """The day the first instalment was due that is missed on `day`; None while all is well."""
    unpaid = next_due(plan, paid)
    if unpaid is None or day <= unpaid.due_on + timedelta(days=grace_days):
        return None
    return unpaid.due_on


def _day(first: date, number: int, every: Every) -> date:
    if every == "month":
        return add_months(first, number, first.day)
    return first + timedelta(days=number * (14 if every == "fortnight" else 7))
