"""Runs: the days of a cycle cut where the price changes, a pause begins or a trial ends.

in force  |##############################|
price     100.00 ------|120.00 ----------|
paused          |~~~~~~~~~~~|
runs      |=100=|~~0~~~|~~0~|====120=====|
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from tallystick.billing.facts import Facts
from tallystick.billing.schedule.pauses import Span, contract_terms
from tallystick.billing.schedule.proration import Convention, share
from tallystick.billing.schedule.steps import Price
from tallystick.period import Period


@dataclass(frozen=True, slots=True)
class Run:
    """Days at one price; `idle` says why they are not charged, empty where they are."""

    part: Period
    price: Price
    idle: str


def idle_days(
    start: date, trial_days: int, free: Sequence[Span], pauses: Sequence[Span], facts: Facts
) -> list[tuple[Period, str]]:
    """The days of a line from `start` on that are not charged, with the reason; of two reasons
    for a day the first one counts."""
    found = []
    for words, spans in (
        ("contract paused", contract_terms(facts.contract).pauses),
        ("paused", pauses),
        ("free", free),
    ):
        for one in spans:
            lasts = "" if one.until == date.max else f" until {one.until - timedelta(days=1)}"
            found.append((one.period, f"{words} from {one.since}{lasts}"))
    if trial_days:
        trial = Period(start, start + timedelta(days=trial_days))
        found.append((trial, f"trial until {trial.last_day}"))
    return found


def runs(part: Period, prices: Sequence[Price], idle: Sequence[tuple[Period, str]]) -> list[Run]:
    """The days of `part` in runs; neighbours that cost the same are one."""
    edges = {part.start, part.end}
    edges.update(price.since for price in prices if part.covers(price.since))
    edges.update(day for period, _ in idle for day in period if part.covers(day))
    found: list[Run] = []
    for start, end in pairwise(sorted(edges)):
        price = next(one for one in reversed(prices) if one.since <= start)
        why = next((words for period, words in idle if period.covers(start)), "")
        last = found[-1] if found else None
        if last and _alike(last, price, why):
            found[-1] = Run(Period(last.part.start, end), last.price, why)
        else:
            found.append(Run(Period(start, end), price, why))
    return found


def _alike(run: Run, price: Price, idle: str) -> bool:
    same = (run.price.unit_price, run.price.quantity) == (price.unit_price, price.quantity)
    return run.idle == idle and (same or bool(idle))


def charged(
    found: Sequence[Run], part: Period, whole: Period, convention: Convention
) -> list[tuple[Period, Fraction, Run]]:
    """The days of `part` that cost one price, and which share of the cycle `whole` that is.

    By days every run stands for itself. By `none` and `full` the price of the first charged day
    is that of all of `part`: nothing or the whole of it where some days are not charged.
    """
    if convention not in ("none", "full"):
        return [
            (run.part, Fraction(0) if run.idle else share(run.part, whole, convention), run)
            for run in found
        ]
    paid = [run for run in found if not run.idle]
    if not paid:
        return [(part, Fraction(0), found[0])]
    interrupted = len(paid) < len(found) and convention == "none"
    prorated = Fraction(0) if interrupted else share(part, whole, convention)
    return [(part, prorated, paid[0])]
