"""Closed periods: what is recorded late lands in the first open month and says where it belongs.

    closed until 2026-10-01
    an entry dated      2026-08-17      is dated 2026-10-01, and `belongs_on` 2026-08-17
    revenue of service  2026-08         keeps its service month, and is `reported_in` 2026-10

A report by day counts entries as they are dated, one by month as they are reported, so neither
moves for a closed period, whatever is recorded after it was closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tallystick.books.entries import Entry, Posting


def in_open_period(entry: Entry, open_from: date | None) -> Entry:
    """`entry` as it is recorded while everything before `open_from`, the first of a month, is
    closed; nothing is without it."""
    postings = tuple(_reported(one, open_from) for one in entry.postings)
    belongs_on = None
    if open_from is not None and entry.booked_on < open_from:
        belongs_on = entry.booked_on
    late = {belongs_on.replace(day=1)} if belongs_on else set()
    late |= {
        one.service_month
        for one in postings
        if one.service_month is not None and one.service_month != one.reported_in
    }
    return replace(
        entry,
        booked_on=open_from if belongs_on and open_from else entry.booked_on,
        belongs_on=belongs_on,
        narration=entry.narration + _note(late),
        postings=postings,
    )


def _reported(posting: Posting, open_from: date | None) -> Posting:
    month = posting.service_month
    if month is None:
        return posting
    return replace(posting, reported_in=month if open_from is None else max(month, open_from))


def _note(months: Iterable[date]) -> str:
    named = ", ".join(f"{month:%Y-%m}" for month in sorted(months))
    return f" (belongs to {named}, which is closed)" if named else ""
