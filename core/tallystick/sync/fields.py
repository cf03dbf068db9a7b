"""What clients are compared by, and how often each comes out so for one client told twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from tallystick.records import Client
from tallystick.sync.names import company, mail_domain, plain, street

CLOSE, NEAR, PART = 88, 74, 95
"""Likeness of words, 0 to 100, from which a text is nearly the same, alike, or a part."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way two values compare; `share` of what is one client comes out so."""

    said: str
    share: float


@dataclass(frozen=True, slots=True)
class Field:
    """`of` is empty where a client does not tell it; `compare` gives the place in `levels`, of
    which the first is that both are the same."""

    name: str
    of: Callable[[Client], str]
    compare: Callable[[str, str], int]
    levels: tuple[Level, ...]


def _alike(one: str, other: str) -> int:
    """By their words in any order."""
    if one == other:
        return 0
    ratio = fuzz.token_sort_ratio(one, other)
    return 1 if ratio >= CLOSE else 2 if ratio >= NEAR else 3


def _named(one: str, other: str) -> int:
    """As `_alike`; a name is also alike that is a part of the other."""
    at = _alike(one, other)
    return 2 if at == 3 and fuzz.token_set_ratio(one, other) >= PART else at


def _typed(one: str, other: str) -> int:
    """The same, one slip of the keyboard apart, or different."""
    return min(2, DamerauLevenshtein.distance(one, other, score_cutoff=1))


def _levels(*shares: float) -> tuple[Level, ...]:
    said = ("is the same", "is nearly the same", "is alike", "differs")
    return tuple(Level(words, share) for words, share in zip(said, shares, strict=True))


FIELDS: Final = (
    Field("name", lambda one: company(one.name), _named, _levels(0.6, 0.2, 0.15, 0.05)),
    Field("street", lambda one: street(one.street or ""), _alike, _levels(0.6, 0.2, 0.08, 0.12)),
    Field(
        "postcode",
        lambda one: plain(one.postcode or "").replace(" ", ""),
        _typed,
        (Level("is the same", 0.85), Level("is one slip apart", 0.08), Level("differs", 0.07)),
    ),
    Field("city", lambda one: plain(one.city or ""), _alike, _levels(0.8, 0.07, 0.03, 0.1)),
    Field(
        "e-mail domain",
        lambda one: mail_domain(one.email, one.domain) or "",
        lambda one, other: int(one != other),
        (Level("is the same", 0.8), Level("differs", 0.2)),
    ),
)
"""Shares are estimates for company records kept by hand in two systems; tests/sync measures what
they find on data with known truth."""
