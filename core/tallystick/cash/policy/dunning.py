"""Dunning: which step of reminding a client of an overdue invoice is due.

    steps after 7, 21 and 35 days     due 1 Oct ─▶ 8 Oct, 22 Oct, 5 Nov
    the first went out on 20 Oct      the second follows 14 days later, on 3 Nov

Steps are taken one after the other, none twice and none left out: who was never reminded is not
warned, however late the run. Between two of them lie at least the days between their `after_days`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from tallystick.money import Money


@dataclass(frozen=True, slots=True)
class Step:
    """`after_days` past the due day; `fee` by currency is claimed once with it. Without words of
    your own the letter has those of its language."""

    after_days: int
    fee: Mapping[str, Decimal] = field(default_factory=dict)
    subject: str = ""
    text: str = ""


class Overdue(NamedTuple):
    """What is open of an invoice. `reminded` are the days its steps were sent, in their order;
    `spared` is why it is not dunned now, empty where it is."""

    number: str
    client: str
    open: Money
    due_on: date
    reminded: Sequence[date] = ()
    spared: str = ""


class Reminder(NamedTuple):
    """Step number `ordinal`, counted from 1, of an invoice; due since `since`."""

    number: str
    ordinal: int
    since: date


def reminder(one: Overdue, steps: Sequence[Step], today: date) -> Reminder | None:
    """The step that is due today, if any."""
    taken = len(one.reminded)
    if one.spared or one.open.minor <= 0 or taken >= len(steps):
        return None
    since = one.due_on + timedelta(days=steps[taken].after_days)
    if taken:
        between = steps[taken].after_days - steps[taken - 1].after_days
        since = max(since, one.reminded[-1] + timedelta(days=between))
    return Reminder(one.number, taken + 1, since) if since <= today else None


def claimed_fees(one: Overdue, steps: Sequence[Step], ordinal: int) -> Money:
    """The fees of the steps up to `ordinal` together."""
    currency = one.open.currency
    fees = sum((step.fee.get(currency, Decimal(0)) for step in steps[:ordinal]), Decimal(0))
    return Money.exact(fees, currency)
