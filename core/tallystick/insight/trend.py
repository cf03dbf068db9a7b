"""Trends: a row's months as a line of small bars."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[int | None]) -> str:
    """`values` between the least and the most of them, zero included, as bars of eight heights; a
    dot for what is not known."""
    known = [one for one in values if one is not None]
    low, high = min([0, *known]), max([0, *known])
    return "".join("·" if one is None else _bar(one - low, high - low) for one in values)


def _bar(above: int, whole: int) -> str:
    return BARS[above * (len(BARS) - 1) // whole] if whole else BARS[0]
