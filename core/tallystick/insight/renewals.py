"""Renewals: all contracts, the one with most money at stake first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tallystick.insight.advice import Priced, priced
from tallystick.insight.history import History
from tallystick.insight.prices import AdviceTerms
from tallystick.money import Money


class Renewal(NamedTuple):
    """A contract and what is at stake in a year, None where no price can be told."""

    history: History
    at_stake: Money | None

    @property
    def currency(self) -> str:
        return "" if self.at_stake is None else self.at_stake.currency


def renewals(histories: Iterable[History], terms: AdviceTerms) -> list[Renewal]:
    """Every contract: by currency, then by money at stake; without advice at the end."""
    found = []
    for history in histories:
        told = priced(history, terms)
        found.append(Renewal(history, told.at_stake if isinstance(told, Priced) else None))
    return sorted(found, key=_most_first)


def _most_first(one: Renewal) -> tuple[bool, str, int, str]:
    contract, stake = one.history.contract, one.at_stake
    if stake is None:
        return (True, "", 0, contract)
    return (False, stake.currency, -stake.minor, contract)
