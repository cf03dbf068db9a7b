"""Rates for what is not there: a work type nobody books, a client nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import NAMED, Rate, spellings


def unmet(card: RateCard, known: Mapping[str, Set[str]]) -> Iterator[tuple[Rate, str]]:
    """Each rate of the card with a condition that no fact can meet, and the condition in words.

    `known` are the values that facts have for each of the `NAMED` conditions; a condition of
    which nothing is known yet is left out of it.
    """
    for rate in card.rates:
        for name in NAMED:
            wanted = rate.values(name)
            if not wanted or name not in known:
                continue
            met = {one for value in known[name] for one in spellings(name, value)}
            if met.isdisjoint(wanted):
                yield rate, f"{name.replace('_', ' ')} {' or '.join(wanted)}"
                break
