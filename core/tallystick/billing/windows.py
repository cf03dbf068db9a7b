"""Windows of time: the hours, weekdays and holidays on which something applies.

    mon-fri 08:00-18:00
    booking     07:30 |==========================| 18:20
                      |out|        inside    |out|

What counts is what the clock on the wall of the window's zone shows. On a night of a clock
change the hour that is shown twice counts twice, and the one that is skipped not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

DAY_S = 24 * 3600
SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date().toordinal()
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII).fullmatch

OnHolidays = Literal["same", "closed", "only"]
Part = tuple[int, int, bool]


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """Local times of day from `since` to before `until` on `days`, such as `mon-fri` or `tue,sat`.

    Where `until` is not later than `since` the window runs over midnight, and all of it belongs
    to the day it began. `calendar` names a country's public holidays (`DE`) or those of a part
    of it (`DE-HH`); on them the window is like on any other day (`same`), does not begin
    (`closed`), or begins on no other (`only`). `zone` is an IANA name, without it the billing
    time zone counts. Raises `ValueError` naming the term that means nothing.
    """

    since: str = "00:00"
    until: str = "24:00"
    days: str = "mon-sun"
    calendar: str | None = None
    on_holidays: OnHolidays = "same"
    zone: str | None = None

    def __post_init__(self) -> None:
        if self.since == "24:00":
            raise ValueError("since '24:00' is the next day's 00:00; write that")
        _second_of_day("since", self.since)
        _second_of_day("until", self.until)
        _weekdays(self.days)
        if self.zone is not None:
            _zone(self.zone)
        if self.calendar is not None:
            _holidays(self.calendar, 2026)
        elif self.on_holidays != "same":
            raise ValueError(f"on_holidays {self.on_holidays!r} needs a calendar, such as 'DE-HH'")

    def __str__(self) -> str:
        parts = [] if self.days == "mon-sun" else [self.days]
        if (self.since, self.until) != ("00:00", "24:00"):
            parts.append(f"{self.since}-{self.until}")
        if self.on_holidays == "only":
            parts.append(f"on holidays of {self.calendar}")
        elif self.on_holidays == "closed":
            parts.append(f"except holidays of {self.calendar}")
        if self.zone is not None:
            parts.append(f"in {self.zone}")
        return " ".join(parts) or "any time"


def begins_on(window: Window, day: date) -> bool:
    """Whether the window begins on a local day, whatever its hours."""
    return _begins(window, day.toordinal() - EPOCH_DAY)


def cut(started_at: datetime, seconds: int, window: Window, zone: ZoneInfo) -> list[Part]:
    """`seconds` from an aware instant as `(first_s, seconds, inside)` parts, in order; true elapsed
    seconds, so that a night of a clock change keeps its length. The parts sum to `seconds`, and
    no two neighbours are alike. Fractions of the instant's second are dropped."""
    first = (started_at - EPOCH) // SECOND
    end = first + max(seconds, 1)
    at = first
    parts: list[Part] = []
    for day in range(first // DAY_S, end // DAY_S + 1):
        for since, until in _inside(window, zone, day):
            opens, closes = max(since, at), min(until, end)
            if opens < closes:
                _add(parts, opens - at, inside=False)
                _add(parts, closes - opens, inside=True)
                at = closes
    _add(parts, end - at, inside=False)
    return parts if seconds > 0 else [(0, seconds, parts[0][2])]


def _add(parts: list[Part], seconds: int, *, inside: bool) -> None:
    if not seconds:
        return
    if parts and parts[-1][2] == inside:
        first_s, before, _ = parts.pop()
        parts.append((first_s, before + seconds, inside))
    else:
        parts.append((sum(parts[-1][:2]) if parts else 0, seconds, inside))


@lru_cache(maxsize=50_000)
def _inside(window: Window, zone: ZoneInfo, day: int) -> tuple[tuple[int, int], ...]:
    """The runs of a UTC day's seconds, counted from 1970, that lie in the window."""
    runs = []
    for begin, end, ahead in _offsets(_zone(window.zone) if window.zone else zone, day):
        for since, until in _open(window, begin + ahead, end + ahead):
            runs.append((since - ahead, until - ahead))
    return tuple(runs)


@lru_cache(maxsize=10_000)
def _offsets(zone: ZoneInfo, day: int) -> tuple[tuple[int, int, int], ...]:
    """The UTC day as `(first_s, end_s, seconds ahead of UTC)`, one run per offset. Found by asking
    every quarter of an hour: no zone ever changed its clock twice within one."""
    runs: list[tuple[int, int, int]] = []
    for quarter in range(day * DAY_S, (day + 1) * DAY_S, 900):
        begin, last = quarter, quarter + 899
        if _ahead(zone, begin) != _ahead(zone, last):
            runs.append((begin, changes := _change(zone, begin, last), _ahead(zone, begin)))
            begin = changes
        runs.append((begin, last + 1, _ahead(zone, begin)))
    return tuple(_joined(runs))


def _joined(runs: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    begin, end, ahead = runs[0]
    for run in runs[1:]:
        if run[2] != ahead:
            yield begin, end, ahead
            begin, ahead = run[0], run[2]
        end = run[1]
    yield begin, end, ahead


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """The first second after `before` with the offset of `after`, by halving."""
    while after - before > 1:
        middle = (before + after) // 2
        if _ahead(zone, middle) == _ahead(zone, after):
            after = middle
        else:
            before = middle
    return after


def _ahead(zone: ZoneInfo, second: int) -> int:
    offset = (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // SECOND


def _open(window: Window, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The runs of `begin` to before `end`, counted on the wall, that lie in the window."""
    opens, length = _hours(window.since, window.until)
    for day in range(begin // DAY_S - 1, end // DAY_S + 1):
        since = max(begin, day * DAY_S + opens)
        until = min(end, day * DAY_S + opens + length)
        if since < until and _begins(window, day):
            yield since, until


@cache
def _begins(window: Window, day: int) -> bool:
    """Whether the window begins on the day, counted from 1970."""
    local = date.fromordinal(EPOCH_DAY + day)
    if local.weekday() not in _weekdays(window.days):
        return False
    if window.on_holidays == "same" or window.calendar is None:
        return True
    holiday = local in _holidays(window.calendar, local.year)
    return holiday == (window.on_holidays == "only")


@cache
def _hours(since: str, until: str) -> tuple[int, int]:
    """The second of the day a window begins, and how many it lasts."""
    opens, closes = _second_of_day("since", since), _second_of_day("until", until)
    return opens, closes - opens if closes > opens else closes + DAY_S - opens


def _second_of_day(term: str, written: str) -> int:
    if written == "24:00":
        return DAY_S
    match = _TIME(written)
    if match is None:
        raise ValueError(f"{term} {written!r} is not a time of day; write it like '08:00'")
    return int(match[1]) * 3600 + int(match[2]) * 60


@cache
def _weekdays(written: str) -> frozenset[int]:
    """The numbers of the days named, Monday is 0; `fri-mon` runs over the weekend."""
    found: set[int] = set()
    for part in written.split(","):
        first, dash, last = part.strip().partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise ValueError(
                f"days {written!r} are not days; write them like 'mon-fri' or 'tue,sat'"
            )
        start = WEEKDAYS.index(first)
        count = (WEEKDAYS.index(last or first) - start) % 7 + 1
        found.update((start + n) % 7 for n in range(count))
    return frozenset(found)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(
            f"zone {name!r} is not a time zone; write one like 'Europe/Berlin'"
        ) from None


@cache
def _holidays(calendar: str, year: int) -> frozenset[date]:
    """The public holidays of a year in a country, or a part of one."""
    from holidays import country_holidays

    country, _, part = calendar.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        raise ValueError(
            f"calendar {calendar!r} is not known; write a country like 'DE' or a part like 'DE-HH'"
        ) from None
