"""Price advice: what a contract should bring, how likely today's revenue is enough, what to do.

leave        today's revenue reaches the target with the probability asked for
lower risk   it would in an average year, but not with that probability: the months differ
reprice      an average year already misses the target
re-scope     likewise, but the rise is more than clients take, and one kind of work is why
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from tallystick.insight.causes import Share, biggest
from tallystick.insight.history import History, Month, revenue_now, usable
from tallystick.insight.outlook import Outlook, outlook
from tallystick.insight.prices import (
    LADDER,
    AdviceTerms,
    Bar,
    Rung,
    bars,
    bounded,
    chance,
    cost_at,
    expected,
    ladder,
    price,
    varies,
)
from tallystick.insight.profit import percent
from tallystick.money import Money, total
from tallystick.period import Period, add_months

RESCOPE_ABOVE = Decimal(25)
"""A rise in percent above which a contract is better sold differently, where one cause is named."""
EXPECTED = LADDER[0]

Verdict = Literal["reprice", "re-scope", "lower risk", "leave"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice on one contract. Money is per month in its currency, but `at_stake` is per year:
    what `needed` is above (negative: below) `today`.

    `chance_percent` is the probability that `today` reaches the target; `varies_percent` the
    standard deviation of a month relative to the mean; `because` what the spread was taken from.
    """

    verdict: Verdict
    why: str
    today: Money
    needed: Money
    at_stake: Money
    rise_percent: Decimal | None
    chance_percent: Decimal
    expected_cost: Money
    varies_percent: Decimal
    ladder: tuple[Rung, ...]
    bars: tuple[Bar, ...]
    months: Period
    costs: tuple[Money, ...]
    devices: int
    users: int
    cause: Share | None
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advised:
    """A contract with its advice, or with the reason why there is none; `notes` are what its
    figures do not hold."""

    contract: str
    client: str
    name: str
    ends_on: date | None
    advice: Advice | None
    why_not: str = ""
    notes: tuple[str, ...] = ()


class Priced(NamedTuple):
    """What puts a contract in its place among others; both amounts are per month."""

    months: tuple[Month, ...]
    ahead: Outlook
    today: Money
    needed: Money

    @property
    def at_stake(self) -> Money:
        """Per year."""
        *_, earned_now, needed = self
        return (needed - earned_now) * 12


def priced(history: History, terms: AdviceTerms) -> Priced | str:
    """The price a contract needs, from its usable months; or the reason why nobody can tell."""
    found = usable(history, terms.minimum_months)
    if found.why_not:
        return found.why_not
    months = found.months
    ahead = outlook(months, terms.horizon_months)
    if not bounded(ahead.spread, terms):
        return f"{len(months)} months differ too much to tell a price"
    currency = months[-1].cost.currency
    needed = price(cost_at(terms.probability, ahead.spread, terms), terms, currency)
    return Priced(months, ahead, revenue_now(months, currency), needed)


def advise(history: History, terms: AdviceTerms) -> Advised:
    """Advice on one contract, from its usable months."""
    found = priced(history, terms)
    return Advised(
        contract=history.contract,
        client=history.client,
        name=history.name,
        ends_on=history.ends_on,
        advice=_advice(found, terms) if isinstance(found, Priced) else None,
        why_not=found if isinstance(found, str) else "",
        notes=history.notes,
    )


def _advice(found: Priced, terms: AdviceTerms) -> Advice:
    months, ahead, today, needed = found
    now, currency = months[-1], months[-1].cost.currency
    rungs = ladder(ahead.spread, terms, currency, now.devices, now.users)
    average = next(rung.price for rung in rungs if rung.probability == EXPECTED)
    cause = biggest(months, total((month.cost for month in months), currency))
    rise = percent(needed - today, today)
    verdict = _verdict(today, needed, average, rise, cause)
    return Advice(
        verdict=verdict,
        why=_why(verdict, needed, cause),
        today=today,
        needed=needed,
        at_stake=found.at_stake,
        rise_percent=rise,
        chance_percent=chance(today, ahead.spread, terms),
        expected_cost=expected(ahead.spread, currency),
        varies_percent=varies(ahead.spread),
        ladder=rungs,
        bars=bars(ahead.spread, terms, currency),
        months=Period(months[0].first, add_months(now.first, 1, 1)),
        costs=tuple(month.cost for month in months),
        devices=now.devices,
        users=now.users,
        cause=cause,
        because=ahead.because,
    )


def _verdict(
    today: Money, needed: Money, average: Money, rise: Decimal | None, cause: Share | None
) -> Verdict:
    if today >= needed:
        return "leave"
    if today >= average:
        return "lower risk"
    if cause is not None and rise is not None and rise > RESCOPE_ABOVE:
        return "re-scope"
    return "reprice"


def _why(verdict: Verdict, needed: Money, cause: Share | None) -> str:
    if verdict == "leave":
        return "the target is met with room"
    if verdict == "lower risk":
        return f"an average year meets the target, a dear one does not: cap the work, or {needed}"
    if verdict == "re-scope":
        return f"{cause}: sell it apart or limit it, or {needed}"
    return f"to {needed} a month"
