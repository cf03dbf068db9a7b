"""One process that advances everything for ever: schedules, and whatever is unfinished.

Ended between two actions it loses nothing, and ended in the midst of one neither: the store
knows what was intended.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from tallystick.engine.advance import advance_each, look_through
from tallystick.engine.installation import Installation
from tallystick.engine.schedules import next_tick, note_due, require_cronsim
from tallystick.engine.work import Work

LOOK_AGAIN = timedelta(seconds=30)
"""The store is looked through at least so often: commands and events add to it, too."""
HEARTBEAT = timedelta(minutes=5)
TIMES_MAX = 10
"""So often one thing is advanced in one look; what is due for ever keeps nothing waiting."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Health:
    """What the loop says of itself. `looked_at` is when it last went through the store."""

    started_at: datetime
    looked_at: datetime | None = None
    done: int = 0
    failed: int = 0
    next_at: datetime | None = None

    def alive(self, now: datetime) -> bool:
        """Whether the loop still looks; one long action may keep it for an hour."""
        return now - (self.looked_at or self.started_at) < timedelta(hours=1)


@dataclass(slots=True)
class Signals:
    """How others reach the loop: `stop` ends it after the action it is at, `wake` has it look
    at once."""

    stop: Event = field(default_factory=Event)
    wake: Event = field(default_factory=Event)

    def end(self) -> None:
        self.stop.set()
        self.wake.set()


def serve(
    installation: Installation,
    signals: Signals,
    health: Health,
    pause: Callable[[float], object] | None = None,
) -> None:
    """Go on until told to stop. `pause` waits so many seconds, or until `signals.wake`."""
    if installation.config.schedule:
        require_cronsim()
    beat_at = installation.now()
    while not signals.stop.is_set():
        signals.wake.clear()
        try:
            look(installation, signals, health)
        except SQLAlchemyError as error:
            said = type(getattr(error, "orig", None) or error).__name__
            log.error("The database did not answer: %s", said)  # noqa: TRY400 - its text holds values
        now = installation.now()
        if now >= beat_at:
            log.info("%s", line(health))
            beat_at = now + HEARTBEAT
        if not signals.stop.is_set():
            wait = (health.next_at or now + LOOK_AGAIN) - now
            (pause or signals.wake.wait)(min(max(wait, timedelta(0)), LOOK_AGAIN).total_seconds())


def look(installation: Installation, signals: Signals, health: Health) -> int:
    """Note what schedules made due, then advance all that is due until nothing is; returns how
    many actions that took."""
    times: Counter[tuple[str, str]] = Counter()
    note_due(installation)
    while not signals.stop.is_set():
        health.looked_at = now = installation.now()
        works = look_through(installation)
        ready = [one for one in works if one.due_at <= now and times[one[:2]] < TIMES_MAX]
        if not ready:
            break
        for work, left in advance_each(installation, ready, signals.stop.is_set):
            times[work[:2]] += 1
            health.done += not left.reason
            health.failed += bool(left.reason)
            health.looked_at = installation.now()
            if left.reason:
                log.warning("%s %s: %s", work.kind, work.id, left.reason)
        note_due(installation)
    health.next_at = _next(installation, works)
    return times.total()


def _next(installation: Installation, works: list[Work]) -> datetime | None:
    """When something is due next, as far as the store and the schedules know."""
    now, zone = installation.now(), installation.config.msp.zone
    moments = [work.due_at for work in works]
    moments += [next_tick(one.cron, now, zone) for one in installation.config.schedule]
    return min(moments, default=None)


def line(health: Health) -> str:
    """The heartbeat in the log."""
    upcoming = f"{health.next_at:%Y-%m-%d %H:%M:%S}" if health.next_at else "not known"
    return f"alive: {health.done} done, {health.failed} failed, next {upcoming} UTC"
