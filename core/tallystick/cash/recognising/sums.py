"""Which of a client's open invoices sum to an amount. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tallystick.cash.settling.claims import Claim

CLAIMS_MAX: Final = 18
"""Of more open invoices too many sums are possible for one of them to mean anything."""
TOGETHER_MAX: Final = 8


def sums_to(claims: Sequence[Claim], minor: int, most: int = 2) -> list[tuple[Claim, ...]]:
    """Up to `most` choices of two or more of `claims` that are open by `minor` together, credit
    notes among them; at most 8 together, or all of them."""
    if len(claims) > CLAIMS_MAX:
        return []
    ordered = sorted(claims, key=lambda one: (-abs(one.open.minor), one.number))
    lows, highs = [0], [0]
    for claim in reversed(ordered):
        lows.append(lows[-1] + min(0, claim.open.minor))
        highs.append(highs[-1] + max(0, claim.open.minor))
    lows.reverse()
    highs.reverse()
    found: list[tuple[Claim, ...]] = []

    def choose(at: int, left: int, chosen: tuple[Claim, ...]) -> None:
        if len(found) >= most or not lows[at] <= left <= highs[at]:
            return
        if at == len(ordered):
            if left == 0 and len(chosen) > 1 and _few(chosen, ordered):
                found.append(chosen)
            return
        choose(at + 1, left - ordered[at].open.minor, (*chosen, ordered[at]))
        choose(at + 1, left, chosen)

    choose(0, minor, ())
    return found


def _few(chosen: Sequence[Claim], of: Sequence[Claim]) -> bool:
    return len(chosen) <= TOGETHER_MAX or len(chosen) == len(of)
