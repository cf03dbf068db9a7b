"""Which line takes each second of a contract's bookings, found another way than billing does:
line by line, a booking cut at every full hour of the clock on the wall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

from tallystick.billing.facts import Facts, Work
from tallystick.records import ContractLine

from .package_oracle import Line, Runs, later
from .prepaid_oracle import Pool
from .schedule_oracle import DAY, bounds, cycles, in_force, within
from .split_oracle import BERLIN, by_hour, counts

COVERED = ("fixed", "per_unit", "per_incident", "usage", "one_off")
PREPAID = ("prepaid", "retainer")
NARROWED = {
    "ticket_types": "ticket_type",
    "priorities": "priority",
    "assets": "asset",
    "asset_types": "asset_type",
    "locations": "location",
}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Used = dict[tuple[str, object], int]


@dataclass
class Placed:
    """The pool after all draws, and the pieces of each booking that a line bills, in order."""

    pool: Pool
    billed: dict[str, list[list[Work]]] = field(default_factory=lambda: defaultdict(list))


def place(of: Facts, until: date, places: int) -> Placed:
    """Every booking before `until` through the lines of its contract."""
    lines = sorted(of.lines, key=lambda one: one.id)
    prepaid = {
        line.id: prepaid_line(of, line, until, places)
        for line in lines
        if line.model in PREPAID and next(cycles(of, line, until), None)
    }
    placed = Placed(Pool(list(prepaid.values()), until))
    used: Used = defaultdict(int)
    for work in sorted(of.works, key=lambda one: (one.work_date, one.ref)):
        if work.work_date >= until or not billable(work):
            continue
        pieces = [work]
        for line in lines:
            if line.model in COVERED:
                _, pieces = through(of, line, pieces, used)
        parts: list[tuple[Work, list[Line]]] = [(piece, []) for piece in pieces]
        for line in lines:
            if line.id in prepaid:
                parts = [
                    (piece, [*takers, prepaid[line.id]] if taken else takers)
                    for whole, takers in parts
                    for piece, taken in offered(of, line, whole, used)
                ]
        pieces = []
        for piece, takers in parts:
            passed = placed.pool.draw(piece, takers) if takers else piece.seconds
            if passed or not takers:
                pieces.append(later(piece, piece.seconds - passed, passed))
        for line in lines:
            if line.model == "time_and_materials":
                own, pieces = through(of, line, pieces, used)
                placed.billed[line.id] += [own] if own else []
    placed.pool.bands()
    return placed


def billable(work: Work) -> bool:
    plausible = 0 <= work.seconds <= 86400
    return (
        work.billable == "billable"
        and plausible
        and work.approved is not False
        and work.invoice is None
    )


def through(
    of: Facts, line: ContractLine, pieces: Sequence[Work], used: Used
) -> tuple[list[Work], list[Work]]:
    """What the line takes of a booking's pieces, and what goes on."""
    both = [part for piece in pieces for part in offered(of, line, piece, used)]
    return [one for one, taken in both if taken], [one for one, taken in both if not taken]


def offered(of: Facts, line: ContractLine, piece: Work, used: Used) -> Iterator[tuple[Work, bool]]:
    """The parts of a piece in order, and whether the line takes each."""
    covers = line.terms.get("covers", {})
    if not takes(of, line, piece):
        yield piece, False
        return
    for part, inside in by_clock(piece, covers.get("hours")):
        if not inside or "allowance_hours" not in covers:
            yield part, inside
            continue
        key = (line.id, allowance_cycle(covers, part.work_date))
        left = int(Fraction(covers["allowance_hours"]) * 3600) - used[key]
        within_it = min(part.seconds, left)
        used[key] += within_it
        if within_it or not part.seconds:
            yield later(part, 0, within_it), True
        if within_it < part.seconds:
            yield later(part, within_it, part.seconds - within_it), False


def allowance_cycle(covers: dict[str, Any], day: date) -> object:
    cycle = covers.get("allowance_cycle", "month")
    month = {"month": day.month, "quarter": (day.month + 2) // 3, "year": 0}
    return day.isocalendar()[:2] if cycle == "week" else (day.year, month[cycle])


def takes(of: Facts, line: ContractLine, work: Work) -> bool:
    """Whether the line takes such work on its day, whatever the hour."""
    terms = line.terms
    wanted = terms.get("work_types", ["*"] if line.model not in COVERED else [])
    pauses = [*of.contract.terms.get("pauses", []), *terms.get("pauses", [])]
    if not ("*" in wanted or work.work_type in wanted) or within(work.work_date, pauses):
        return False
    for term, attribute in NARROWED.items():
        allowed, value = terms.get("covers", {}).get(term, ["*"]), getattr(work, attribute)
        names = {"*"} if value is None else {"*", value, value.partition(":")[2]}
        if not names & set(allowed):
            return False
    return in_force(of, line, work.work_date)


def by_clock(piece: Work, hours: dict[str, str] | None) -> Iterator[tuple[Work, bool]]:
    """The piece cut where the clock enters or leaves the window."""
    if hours is None or piece.started_at is None:
        yield piece, hours is None
        return
    runs, at, left = [], piece.started_at, piece.seconds
    while left > 0 or not runs:
        seconds = min(left, 3600 - int(at.timestamp()) % 3600)
        wall = at.astimezone(BERLIN)
        runs.append((opened(hours, wall.hour, wall.weekday()), seconds))
        at, left = at + timedelta(seconds=seconds), left - seconds
    first = 0
    for inside, run in groupby(runs, key=lambda one: one[0]):
        seconds = sum(each for _, each in run)
        yield later(piece, first, seconds), inside
        first += seconds


def opened(hours: dict[str, str], hour: int, weekday: int) -> bool:
    """Whether a window of whole hours is open; over midnight it belongs to the day before."""
    since, until = int(hours["since"][:2]), int(hours["until"][:2])
    days = hours.get("days", ",".join(WEEK)).split(",")
    today, yesterday = WEEK[weekday] in days, WEEK[weekday - 1] in days
    if since < until:
        return today and since <= hour < until
    return (today and hour >= since) or (yesterday and hour < until)


def prepaid_line(of: Facts, line: ContractLine, until: date, places: int) -> Line:
    """Its cycles reach so far that no package outlives them."""
    card, terms = line.terms["rate_card"], line.terms
    length = {"week": 7, "month": 31, "quarter": 92, "year": 366}[terms.get("cycle", "month")]
    reach = length * terms.get("every", 1) * (2 + terms.get("rollover_periods", 0))
    return Line(
        line,
        list(cycles(of, line, until + reach * DAY)),
        bounds(of, line)[1],
        rounding=lambda seconds: counted(seconds, card),
        together=lambda work: (card == "split" and work.ticket) or f"booking {work.ref}",
        priced=lambda work, seconds: runs_of(work, seconds, card),
        fee=lambda work: call_out(work, card),
        minor=10**places,
    )


def runs_of(work: Work, seconds: int, card: str) -> Runs | None:
    """Counted seconds of a piece by their price, what is counted beyond the time worked at the
    last; None where some have none."""
    if card != "split":
        rate = None if card == "lost" else hourly(work, card)
        return None if rate is None else [(seconds, rate)]
    if work.started_at is None:
        return None
    runs = [
        (sum(each for _, each in run), price)
        for (price, _), run in groupby(by_hour(work), key=lambda one: one[0])
    ]
    found, left = [], seconds
    for worked, price in runs:
        found.append((min(worked, left), price))
        left -= found[-1][0]
    return [*found[:-1], (found[-1][0] + left, found[-1][1])]


def call_out(work: Work, card: str) -> int:
    """The fee of a piece that has a price: on a Saturday or Sunday, where that is urgent."""
    if card != "split" or work.started_at is None:
        return 0
    return 35 if any(fee for (_, fee), _ in by_hour(work)) else 0


def hourly(work: Work, card: str) -> Fraction | None:
    """The price of an hour on a card of `strategies.book` that does not ask for the hour."""
    if card == "exact":
        return Fraction("77.77") if work.work_type == "remote" else None
    if work.role == "senior":
        return Fraction("120.50")
    return Fraction("99.99") if work.work_date >= date(2026, 4, 1) else Fraction(95)


def counted(seconds: int, card: str) -> int:
    if card == "split":
        return counts(seconds)
    if card != "quarter" or not seconds:
        return seconds
    return 900 * (2 if seconds < 1200 else -(-seconds // 900))


def by_booking(pieces: Sequence[Work], card: str) -> Iterator[Fraction]:
    """What the pieces of a booking come to on such a card: what is counted beyond the time worked
    is the last one's."""
    left = counted(sum(one.seconds for one in pieces), card)
    for index, piece in enumerate(pieces):
        share = left if index == len(pieces) - 1 else min(piece.seconds, left)
        left -= share
        rate = None if card == "lost" else hourly(piece, card)
        if rate is not None:
            yield rate * share / 3600
