"""Late: what becomes known about a closed month is reported in the first open one.

    closed until 2026-10-01, when booking 1 stood at 40.00 in 2026-09
    its rate is corrected, it cost 45.00      2026-09 keeps 40.00, 2026-10 gets 5.00
    it is deleted                             2026-09 keeps 40.00, 2026-10 gets -40.00

As with invoices it is the difference that is told: truth less what closed months already say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Stamp = dict[str, Any]
PLACE = ("month", "client", "contract", "currency")


def open_rows(
    truth: Sequence[Stamp],
    closed: Sequence[Mapping[str, Any]],
    open_from: date,
    figures: tuple[str, ...],
) -> list[Stamp]:
    """The rows of one booking or cost in open months: `truth` as the facts have it, less its rows
    in `closed` months, field by field of `figures`. Rows of nothing are left out."""
    found: dict[tuple[Any, ...], Stamp] = {}
    for one in truth:
        _add(found, one, open_from, figures, 1)
    for row in closed:
        _add(found, row, open_from, figures, -1)
    return [row for row in found.values() if any(row[name] for name in figures)]


def _add(
    found: dict[tuple[Any, ...], Stamp],
    row: Mapping[str, Any],
    open_from: date,
    figures: tuple[str, ...],
    times: int,
) -> None:
    placed = {**row, "month": max(row["month"], open_from)}
    at = tuple(placed[name] for name in PLACE)
    before = found.get(at)
    sums = {name: times * row[name] + (before[name] if before else 0) for name in figures}
    found[at] = {**(before or placed), **sums}
