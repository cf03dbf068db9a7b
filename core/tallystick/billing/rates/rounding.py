"""Rounding of time together: what the bookings of a ticket, or of a ticket's day, count.

A group counts as one, so what its bookings count sums to what the group counts. Each of them
counts what it adds to those before it, by (work date, reference); so a later booking changes
nothing that was billed, and one entered late corrects those after it:

    minimum 0:30, then each started 0:15
    worked   0:10  0:15  0:10
    counts   0:30  0:00  0:15
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard


def rounded(pieces: Sequence[Piece], card: RateCard) -> Iterator[tuple[list[Piece], int, str]]:
    """The pieces of each booking with the seconds they count together, and why in words.

    `pieces` come by (work date, reference), those of one booking one after the other.
    """
    before: dict[object, int] = defaultdict(int)
    for _, run in groupby(pieces, key=attrgetter("work.ref")):
        own = list(run)
        seconds = own[0].seconds if len(own) == 1 else sum(piece.seconds for piece in own)
        group = rounded_with(own[0].work, card)
        before_s = 0 if group is None else before[group]
        if group is not None:
            before[group] += seconds
        if before_s:
            counted = card.counted(before_s + seconds) - card.counted(before_s)
            yield own, counted, card.rounded(seconds, counted, before_s)
        else:
            yield own, *card.alone(seconds)


def rounded_with(work: Work, card: RateCard) -> object:
    """What the work is rounded together with; None where it is rounded by itself, as all work
    without a ticket is."""
    if card.rounding_per == "booking" or work.ticket is None:
        return None
    return work.ticket if card.rounding_per == "ticket" else (work.ticket, work.work_date)
