"""The calibration drawn: `python tests/insight/calibration.py FILE.svg [TRIES]`.

A panel per length of history. Across: the stated probability; up: how often the next twelve
months cost at most what was said. The diagonal is right. The dotted line is the rule of thumb
"cost plus markup on last month", which states nothing and holds as often as it happens to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from efforts import KNOWN, SEASONAL  # the script's own folder

from tallystick.insight.spread import spread

STATED = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
COLOURS = ("#1b6ca8", "#2a9d5c", "#c0392b", "#8e44ad", "#d68910", "#16807a", "#7f5539", "#34495e")
SIDE, GAP, AHEAD = 320, 56, 12
Points = list[tuple[float, float]]


def main() -> None:
    target = Path(sys.argv[1])
    tries = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    target.write_text(draw(tries), encoding="utf-8")


def draw(tries: int) -> str:
    draws = {**KNOWN, **SEASONAL}
    parts = []
    for at, seen in enumerate((6, 12, 24)):
        parts.append(_frame(at, f"{seen} months of history"))
        for colour, (name, drawn) in zip(COLOURS, draws.items(), strict=True):
            held, thumb = _held(drawn, seen, tries)
            parts.append(_curve(at, held, colour))
            parts.append(_curve(at, [(0.0, thumb), (1.0, thumb)], colour, "2 5"))
            shares = " ".join(f"{share:.3f}" for _, share in held)
            sys.stdout.write(f"{seen:3} {name:30} {thumb:.3f}  {shares}\n")
    parts += [
        f'<text x="{GAP + at % 4 * 260}" y="{SIDE + 2 * GAP + 24 + at // 4 * 20}" '
        f'fill="{colour}">{name}</text>'
        for at, (colour, name) in enumerate(zip(COLOURS, draws, strict=True))
    ]
    width, height = 3 * SIDE + 4 * GAP, SIDE + 2 * GAP + 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _held(drawn: Callable[[Random, int], list[int]], seen: int, tries: int) -> tuple[Points, float]:
    random = Random(f"drawn {seen}")
    counts, thumb = dict.fromkeys(STATED, 0), 0
    for _ in range(tries):
        months = drawn(random, seen + AHEAD)
        found, after = spread(months[:seen]), sum(months[seen:]) / AHEAD
        thumb += after <= months[seen - 1]
        for stated in STATED:
            counts[stated] += after <= found.at(stated, AHEAD)
    return [(stated, count / tries) for stated, count in counts.items()], thumb / tries


def _at(panel: int, across: float, up: float) -> str:
    return f"{GAP + panel * (SIDE + GAP) + across * SIDE:.1f},{GAP + (1 - up) * SIDE:.1f}"


def _curve(panel: int, points: Points, colour: str, dashes: str = "") -> str:
    path = " ".join(_at(panel, *point) for point in points)
    dashed = f' stroke-dasharray="{dashes}" stroke-width="0.8"' if dashes else ' stroke-width="1.6"'
    return f'<polyline points="{path}" fill="none" stroke="{colour}"{dashed}/>'


def _frame(panel: int, title: str) -> str:
    x, y = _at(panel, 0, 1).split(",")
    frame = f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
    frame += f'<text x="{x}" y="{float(y) - 10}">{title}</text>'
    for tick in (0.0, 0.2, 0.5, 0.8, 0.9, 1.0):
        left, below = _at(panel, tick, -0.06).split(",")
        frame += f'<text x="{left}" y="{below}" text-anchor="middle" font-size="10">{tick}</text>'
        side, up = _at(panel, -0.02, tick).split(",")
        frame += f'<text x="{side}" y="{up}" text-anchor="end" font-size="10">{tick}</text>'
        frame += _curve(panel, [(0.0, tick), (1.0, tick)], "#eee")
    return frame + _curve(panel, [(0.0, 0.0), (1.0, 1.0)], "#bbb")


if __name__ == "__main__":
    main()
