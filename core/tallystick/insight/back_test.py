"""Back-test: would the price advised then have reached the target in the months that followed?

    |---- first n months ----|-- held out --|          n = minimum_months, then one more each time
       advised from these      judged by these

Beside it stands the rule of thumb: what the last month cost, with the markup of the target margin.
Regret is what a price is away from the one that would have been right, each unit too much
counted with 1 - probability, each unit too little with probability: the loss that the true
quantile makes least (Koenker and Bassett, Econometrica 46, 1978).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isinf, sqrt

from msgspec.structs import replace

from tallystick.insight.history import History, Month, usable
from tallystick.insight.outlook import outlook
from tallystick.insight.prices import AdviceTerms, estimate, price

LEAST_HELD_OUT = 3
"""Fewer months judge a month rather than a price."""


@dataclass(frozen=True, slots=True)
class Try:
    """One origin of one contract. Minor units a month: what was needed, advised, and what the
    rule of thumb says."""

    contract: str
    seen: int
    held_out: int
    needed: Fraction
    advised: Fraction
    thumb: Fraction


@dataclass(frozen=True, slots=True)
class Record:
    """How a rule did over all tries, in percent to one place: how often its price reached the
    target, and its regret relative to what was needed."""

    met_percent: Decimal
    regret_percent: Decimal


@dataclass(frozen=True, slots=True)
class BackTest:
    """Advice beside the rule of thumb. `give_or_take` is twice the standard error of
    `advice.met_percent` over contracts, as tries of one contract share months; None for one."""

    probability_percent: Decimal
    contracts: int
    tries: int
    advice: Record | None
    rule_of_thumb: Record | None
    give_or_take: Decimal | None


def back_test(histories: Iterable[History], terms: AdviceTerms) -> BackTest:
    """Every origin of every contract with enough months."""
    tries = [one for history in histories for one in walk_forward(history, terms)]
    stated = _one_place(Fraction(terms.probability) * 100)
    if not tries:
        return BackTest(stated, 0, 0, None, None, None)
    by_contract: dict[str, list[Try]] = {}
    for one in tries:
        by_contract.setdefault(one.contract, []).append(one)
    return BackTest(
        stated,
        len(by_contract),
        len(tries),
        _record(tries, terms, lambda one: one.advised),
        _record(tries, terms, lambda one: one.thumb),
        _give_or_take(list(by_contract.values())),
    )


def walk_forward(history: History, terms: AdviceTerms) -> list[Try]:
    """Tries at each origin: advice from the first months, judged by at most `horizon_months`."""
    months = usable(history, terms.minimum_months).months
    found = []
    for seen in range(terms.minimum_months, len(months) - LEAST_HELD_OUT + 1):
        first, after = months[:seen], months[seen : seen + terms.horizon_months]
        if usable(replace(history, months=first), terms.minimum_months).why_not:
            continue
        ahead = outlook(first, len(after))
        cost = ahead.spread.at(estimate(terms.probability), len(after))
        if not isinf(cost):
            advised = price(cost, terms, history.currency).minor
            needed, thumb = (_priced(some, terms) for some in (after, first[-1:]))
            found.append(Try(history.contract, seen, len(after), needed, Fraction(advised), thumb))
    return found


def _priced(months: Sequence[Month], terms: AdviceTerms) -> Fraction:
    return Fraction(sum(one.cost.minor for one in months), len(months)) / terms.cost_share


def _record(tries: Sequence[Try], terms: AdviceTerms, rule: Callable[[Try], Fraction]) -> Record:
    met = sum(1 for one in tries if rule(one) >= one.needed)
    probability = Fraction(terms.probability)
    regret = Fraction(0)
    for one in tries:
        over = rule(one) - one.needed
        loss = over * (1 - probability) if over >= 0 else -over * probability
        regret += loss / one.needed if one.needed else 0
    return Record(
        _one_place(Fraction(100 * met, len(tries))), _one_place(100 * regret / len(tries))
    )


def _give_or_take(by_contract: Sequence[Sequence[Try]]) -> Decimal | None:
    """Cluster standard error of a ratio of sums: tries of one contract are not independent."""
    count = len(by_contract)
    if count < 2:
        return None
    total = sum(map(len, by_contract))
    met = [sum(1 for one in tries if one.advised >= one.needed) for tries in by_contract]
    share = Fraction(sum(met), total)
    squares = sum((m - share * len(tries)) ** 2 for m, tries in zip(met, by_contract, strict=True))
    error = sqrt(squares * count / (count - 1)) / total
    return _one_place(Fraction(200 * error))


def _one_place(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / amount.denominator
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
