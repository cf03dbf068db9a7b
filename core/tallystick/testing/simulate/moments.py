"""The moments that matter: a commit or a call to a vendor, before it and after it.

At each the process may end, and another worker may go on. Between two of them no order of
events can make a difference, as nothing leaves the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from tallystick.store.database import Database
from tallystick.testing.simulate.chance import Chance
from tallystick.testing.simulate.trace import Trace
from tallystick.testing.simulate.workers import Workers
from tallystick.testing.simulate.wrapped import Wrapped

A_STEP = timedelta(milliseconds=20)


class Crash(BaseException):
    """The process is gone: all it had in memory with it."""


@dataclass
class Weather:
    """How often the world fails, in `permille` of the moments and calls."""

    crash: int
    lost: int
    slow: int
    refused: int
    failing: int
    partial: int


CALM = Weather(crash=0, lost=0, slow=0, refused=0, failing=0, partial=0)


@dataclass
class Moments:
    """Clock, chance and trace of one schedule, and who is at work."""

    chance: Chance
    at: datetime
    weather: Weather
    trace: Trace = field(default_factory=Trace)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workers = Workers(self.chance.one_of)
        self.writing: set[str] = set()

    def now(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span

    def note(self, actor: str, what: str, outcome: object = "") -> None:
        self.trace.add(self.at, actor, what, outcome)

    def breach(self, sentence: str) -> None:
        """Something happened that never may; the schedule goes on to its end."""
        self.note("", f"BROKEN: {sentence}")
        self.broken.append(sentence)

    def seam(self, what: str) -> None:
        """One moment: time passes a little, the process may end, another may go on."""
        self.at += A_STEP
        if self.chance.happens(self.weather.crash):
            self.note(self.workers.now, what, "the process ends here")
            raise Crash
        self.workers.seam()


class Watched(Wrapped):
    """A database with a moment before its writing begins, one before it commits, at which the
    process may end, and one after."""

    def __init__(self, whole: Database, moments: Moments) -> None:
        super().__init__(whole)
        self._moments = moments

    @contextmanager
    def write(self) -> Iterator[Connection]:
        moments = self._moments
        moments.seam("before a transaction")
        worker = moments.workers.now
        with self._whole.write() as connection:
            moments.writing.add(worker)
            try:
                yield connection
                if moments.chance.happens(moments.weather.crash):
                    moments.note(worker, "before a commit", "the process ends here")
                    raise Crash
            finally:
                moments.writing.discard(worker)
        moments.seam("after a commit")
