"""Renewals: all contracts, the one with most money at stake first."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.insight.advice import Advised, advise
from tallystick.insight.history import History
from tallystick.insight.prices import AdviceTerms


def renewals(histories: Iterable[History], terms: AdviceTerms) -> list[Advised]:
    """Advice on every contract: by currency, then by money at stake; without advice at the end."""
    return sorted((advise(one, terms) for one in histories), key=_most_first)


def _most_first(one: Advised) -> tuple[bool, str, int, str]:
    if one.advice is None:
        return (True, "", 0, one.contract)
    stake = one.advice.at_stake
    return (False, stake.currency, -stake.minor, one.contract)
