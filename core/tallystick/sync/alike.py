"""Which clients are joined because they are alike, and which a person must look at. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from tallystick.records import Client
from tallystick.sync.identity import Link
from tallystick.sync.likeness import Likeness, likenesses

SURE: Final = 0.99
"""From this probability two clients are joined, if nothing else comes near."""
POSSIBLE: Final = 0.5
"""From this probability a person is asked."""


def alike(
    copies: Sequence[Client],
    homes: Sequence[Client],
    linked: Iterable[Link],
    apart: Collection[tuple[str, str]] = frozenset(),
) -> tuple[list[Link], list[Likeness]]:
    """Links for the copies that no key has `linked`, and what a person should decide, most probable
    first. Pairs that somebody said are `apart` are in neither.

    A link needs that their names are alike, that each is the other's only possible partner of such
    a name, and that no other copy is the home client's already.
    """
    links = list(linked)
    taken = {one.home for one in links}
    done = {one.copy for one in links}
    rest = [one for one in copies if one.id not in done]
    possible = [
        one
        for one in (likenesses(copies, homes, rest) if rest and homes else ())
        if one.probability >= POSSIBLE and (one.copy, one.home) not in apart
    ]
    partners: dict[tuple[str, str], int] = defaultdict(int)
    for one in possible:
        partners["copy", one.copy] += one.named
        partners["home", one.home] += one.named
    sure = [
        one
        for one in possible
        if one.probability >= SURE
        and one.named
        and partners["copy", one.copy] == partners["home", one.home] == 1
        and one.home not in taken
    ]
    joined = {one.copy for one in sure}
    left = [one for one in possible if one.copy not in joined]
    found = [Link(one.copy, one.home, f"alike: {', '.join(one.reasons)}") for one in sure]
    return found, sorted(left, key=lambda one: (-one.probability, one.copy, one.home))
