"""When schedules are due: every tick is noted, and none is passed over in silence.

A tick is noted as a run in the store, once, whoever looks first. While nobody looked, ticks
pile up: they become one run, or one per month to bill, that says for how many it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tallystick.config.schedules import Schedule
from tallystick.engine.installation import Installation
from tallystick.errors import Stop
from tallystick.period import add_months, local_date, month
from tallystick.store.engine import scheduled
from tallystick.store.turn import take_turn

TURN = "schedules"
TICKS_MAX = 100_000
"""Looked back over at once: two months of a schedule of every minute; what is older is counted
with the next look."""


class Due(NamedTuple):
    """One run to do: `ticks` of them from `first` to `last`, for `period` if it bills one."""

    period: str
    first: datetime
    last: datetime
    ticks: int


def require_cronsim() -> None:
    """Raises `Stop` where schedules cannot be read."""
    try:
        import cronsim  # noqa: F401 - whether it is there is the question
    except ImportError:
        raise Stop(
            "Schedules need an extra that is not installed.",
            do="Install `tallystick[serve]`.",
        ) from None


def ticks(cron: str, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The ticks after `since` and up to `until`, in UTC, by the wall clock of `zone`.

    As Debian's cron has it: a fixed time that a change of the clocks skips comes right after
    the change, and one that comes twice is kept once.
    """
    from cronsim import CronSim

    for tick in CronSim(cron, since.astimezone(zone)):
        instant = tick.astimezone(UTC)
        if instant > until:
            return
        if instant > since:
            yield instant


def next_tick(cron: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first tick after `now`."""
    return next(ticks(cron, now, datetime.max.replace(tzinfo=UTC), zone))


def due(schedule: Schedule, since: datetime, now: datetime, zone: ZoneInfo) -> list[Due]:
    """What ticks after `since` ask for by `now`, the oldest first. Pure."""
    found: list[datetime] = []
    for tick in ticks(schedule.cron, since, now, zone):
        found.append(tick)
        if len(found) == TICKS_MAX:
            break
    grouped = groupby(found, key=lambda tick: billed_month(schedule, tick, zone))
    return [_of(period, list(group)) for period, group in grouped]


def _of(period: str, group: Sequence[datetime]) -> Due:
    return Due(period, group[0], group[-1], len(group))


def billed_month(schedule: Schedule, tick: datetime, zone: ZoneInfo) -> str:
    """The month a tick bills, such as `2026-09`; nothing for a task that bills none."""
    if not schedule.bills:
        return ""
    first = local_date(tick, zone).replace(day=1)
    if schedule.month == "last":
        first = add_months(first, -1, 1)
    return str(month(first.year, first.month))


def note_due(installation: Installation) -> list[Due]:
    """Note in the store what is due by now; what was new.

    A schedule with a run still to be done gets no other: what comes due meanwhile is counted
    when that is done.
    """
    now, zone = installation.now(), installation.config.msp.zone
    new: list[Due] = []
    for schedule in installation.config.schedule:
        with installation.database.read() as connection:
            since = scheduled.last_tick(connection, schedule.name)
        if since is not None and not due(schedule, since, now, zone):
            continue
        with installation.database.write() as connection:
            take_turn(connection, TURN)
            since = scheduled.last_tick(connection, schedule.name)
            if since is None:
                scheduled.begin(connection, schedule.name, schedule.task, now)
                continue
            if schedule.name in {row.schedule for row in scheduled.unfinished(connection)}:
                continue
            for one in due(schedule, since, now, zone):
                scheduled.note(connection, schedule.name, schedule.task, *one)
                new.append(one)
    return new
