"""Charts as SVG inside a page: no script, nothing from outside, every name escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from tallystick.billing.documents.speech import clean

WIDTH = 920
BAR_HEIGHT, LABEL_WIDTH, FIGURE_WIDTH = 26, 250, 130
CHART_HEIGHT, BASE = 220, 24
LONGEST_NAME = 31


def safe(text: str) -> str:
    """Foreign text as a page may hold it: markup is text, invisible marks are gone."""
    return escape(clean(text))


class Bar(NamedTuple):
    """One row: a length in minor units, or None where it is not known, and how it is written."""

    name: str
    length: int | None
    written: str


def bars(rows: Sequence[Bar], title: str) -> str:
    """Lying bars left and right of nothing, one below the other."""
    known = [one.length for one in rows if one.length is not None]
    low, high = min([0, *known]), max([0, *known])
    room = WIDTH - LABEL_WIDTH - FIGURE_WIDTH
    whole = (high - low) or 1
    zero = LABEL_WIDTH + room * -low // whole
    parts = []
    for number, one in enumerate(rows):
        top = number * BAR_HEIGHT
        length = one.length or 0
        x = zero + (room * length // whole if length < 0 else 0)
        wide = max(abs(room * length // whole), 1)
        kind = "loss" if length < 0 else "gain"
        parts.append(
            f'<text x="{LABEL_WIDTH - 10}" y="{top + 17}" class="name">{_short(one.name)}</text>'
            f'<rect x="{x}" y="{top + 4}" width="{wide}" height="{BAR_HEIGHT - 8}" rx="2" '
            f'class="{kind}"><title>{safe(one.name)}: {safe(one.written)}</title></rect>'
            f'<text x="{WIDTH}" y="{top + 17}" class="figure">{safe(one.written)}</text>'
        )
    axis = f'<line x1="{zero}" y1="0" x2="{zero}" y2="{len(rows) * BAR_HEIGHT}" class="axis"/>'
    return _svg(len(rows) * BAR_HEIGHT, title, axis + "".join(parts))


class Column(NamedTuple):
    """One month: what came in and what went out, in minor units, and how both are written."""

    name: str
    earned: int
    spent: int
    written: str


def columns(months: Sequence[Column], title: str) -> str:
    """Two standing bars a month, revenue beside cost."""
    high = max([1, *(value for one in months for value in (one.earned, one.spent))])
    step = WIDTH // max(len(months), 1)
    wide = max(min(step // 3, 46), 2)
    every = max(len(months) // 12, 1)
    parts = [f'<line x1="0" y1="{CHART_HEIGHT}" x2="{WIDTH}" y2="{CHART_HEIGHT}" class="axis"/>']
    for number, one in enumerate(months):
        middle = number * step + step // 2
        for x, value, kind in (
            (middle - wide - 1, one.earned, "earned"),
            (middle + 1, one.spent, "spent"),
        ):
            tall = max(CHART_HEIGHT * max(value, 0) // high, 1)
            parts.append(
                f'<rect x="{x}" y="{CHART_HEIGHT - tall}" width="{wide}" height="{tall}" rx="2" '
                f'class="{kind}"><title>{safe(one.name)}: {safe(one.written)}</title></rect>'
            )
        if number % every == 0:
            parts.append(
                f'<text x="{middle}" y="{CHART_HEIGHT + 17}" class="month">{safe(one.name)}</text>'
            )
    return _svg(CHART_HEIGHT + BASE, title, "".join(parts))


def _short(name: str) -> str:
    return safe(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")


def _svg(height: int, title: str, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{safe(title)}">{inside}</svg>'
    )
