"""A card that splits bookings by the hour, and what it comes to, read from the clock by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from zoneinfo import ZoneInfo

from tallystick.billing.facts import Work
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")
SATURDAY = Window(days="sat,sun")
SPLIT_RATES = (
    Rate(Decimal("80.1234")),
    Rate(Decimal("110.00"), work_type=("remote", "onsite"), role="senior"),
    Rate(
        multiplier=Decimal("1.5"),
        hours=(Window(since="18:00", days="mon-fri"), Window(until="08:00", days="mon-fri")),
    ),
    Rate(multiplier=Decimal(2), hours=SATURDAY),
    Rate(call_out=Decimal("35.00"), hours=SATURDAY, priority="P1"),
)
MINIMUM_S, INCREMENT_S = 1200, 900


def split_amounts(bookings: Sequence[Sequence[Work]]) -> Iterator[tuple[Work, Fraction]]:
    """What bookings, each in pieces, by (work date, reference) come to under SPLIT_RATES, rounded
    per ticket: one amount for each run of one price, and one for each call-out."""
    tickets: dict[str, int] = {}
    for pieces in bookings:
        work, seconds = pieces[0], sum(one.seconds for one in pieces)
        before = tickets.get(work.ticket or "", 0)
        counted = counts(before + seconds) - counts(before)
        if work.ticket:
            tickets[work.ticket] = before + seconds
        if work.started_at is None:
            continue
        runs = [
            (price, sum(seconds for _, seconds in run))
            for piece in pieces
            for price, run in groupby(by_hour(piece), key=lambda one: one[0])
        ]
        for index, ((price, _), worked) in enumerate(runs):
            share = counted if index == len(runs) - 1 else min(worked, counted)
            counted -= share
            yield work, price * share / 3600
        if any(fee for (_, fee), _ in runs):
            yield work, Fraction(35)


def counts(seconds: int) -> int:
    if not seconds:
        return 0
    return -(-max(seconds, MINIMUM_S) // INCREMENT_S) * INCREMENT_S


def by_hour(work: Work) -> Iterator[tuple[tuple[Fraction, bool], int]]:
    """(price of an hour, whether there is a call-out), seconds: cut at every full hour."""
    assert work.started_at is not None
    at, left = work.started_at, work.seconds
    while left > 0 or not work.seconds:
        seconds = min(left, 3600 - int(at.timestamp()) % 3600)
        yield hourly(work, at.astimezone(BERLIN)), seconds
        at, left = at + timedelta(seconds=seconds), left - seconds
        if not work.seconds:
            return


def hourly(work: Work, wall: datetime) -> tuple[Fraction, bool]:
    dear = work.role == "senior" and work.work_type in ("remote", "onsite")
    price = Fraction(110) if dear else Fraction("80.1234")
    if wall.weekday() >= 5:
        return price * 2, work.priority == "P1"
    return price * (1 if 8 <= wall.hour < 18 else Fraction("1.5")), False
