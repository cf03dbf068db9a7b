"""A tenant's quota, shared by all threads and processes of this machine.

One small file per connection and host remembers when the latest requests go out, under `flock`:

    paused_until  next  turn[0] turn[1] ... turn[n-1]      64-bit nanoseconds since 1970, a ring

A request of a quota of n in w seconds goes w after the n-th last one, so in no w seconds go more
than n. Who waits has its moment already, so nobody wakes for nothing. A 429 pauses everybody.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from tallystick.connector import Limits, Quota
from tallystick.transport.shared import open_shared

_WORD: Final = struct.Struct("<q")
_HEAD: Final = 2
_SECOND_NS: Final = 1_000_000_000
WIDENED: Final = Decimal("1.01")
"""Windows are taken this much longer, as requests do not travel at an even speed ..."""
SHARE_MAX: Final = Decimal("0.97")
"""... and a little of every quota stays unused."""
SPREAD_S_MAX: Final = 10
"""Windows up to here are spread evenly: what leaves in a burst arrives as unevenly as they are
long."""
WIDENED_IF_SPREAD: Final = Decimal("1.005")
"""Those, which hold no burst, are taken only this much longer."""


def ours(limits: Limits) -> tuple[Quota, ...]:
    """Our share of each quota, one request at least."""
    share = min(limits.share, SHARE_MAX)
    return tuple(Quota(max(1, int(q.requests * share)), q.seconds) for q in limits.quotas)


class Pace:
    """Grants turns under `quotas`, all of which hold. The file at `path` is made when needed."""

    def __init__(self, path: Path, quotas: Sequence[Quota], now_ns: Callable[[], int]) -> None:
        self._path = path
        self._windows = [(one.requests, _window_ns(one.seconds)) for one in quotas]
        self._gap = max(
            (_window_ns(q.seconds) // q.requests for q in quotas if q.seconds <= SPREAD_S_MAX),
            default=0,
        )
        self._slots = max((one.requests for one in quotas), default=0)
        self._now_ns = now_ns

    def turn(self, wait_s_max: float) -> float:
        """How many seconds from now the next turn is. It is ours and counts, unless it is further
        away than `wait_s_max`."""
        with self._locked() as fd:
            now = self._now_ns()
            at = self._next(fd, now, int(wait_s_max * _SECOND_NS))
            if at - now <= wait_s_max * _SECOND_NS and self._slots:
                following = _get(fd, 1) % self._slots
                _put(fd, _HEAD + following, at)
                _put(fd, 1, following + 1)
            return (at - now) / _SECOND_NS

    def paused_s(self) -> float:
        """How long nobody may go for."""
        with self._locked() as fd:
            return max(0, _get(fd, 0) - self._now_ns()) / _SECOND_NS

    def pause(self, seconds: float) -> None:
        """Nobody goes for so long."""
        with self._locked() as fd:
            _put(fd, 0, max(_get(fd, 0), self._now_ns() + int(seconds * _SECOND_NS)))

    def _next(self, fd: int, now: int, ahead_max: int) -> int:
        """The first moment at which every window has room, and nobody is paused."""
        turns = [now, _get(fd, 0)]
        following = _get(fd, 1)
        if self._slots and _get(fd, _HEAD + (following - 1) % self._slots) > now + ahead_max:
            # no turn is given so far ahead: the clock was set back, and what is noted means nothing
            _forget(fd, self._slots)
        for requests, window in [(1, self._gap), *self._windows] if self._slots else []:
            sent = _get(fd, _HEAD + (following - requests) % self._slots)
            turns.append(sent + window if sent else 0)
        return max(turns)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        fd = open_shared(self._path)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            size = (_HEAD + self._slots) * _WORD.size
            if os.fstat(fd).st_size != size:
                self._lay(fd, size)
            yield fd
        finally:
            os.close(fd)

    def _lay(self, fd: int, size: int) -> None:
        """A new ring; the turns of one of another size, made for other quotas, still count."""
        words = max(0, os.fstat(fd).st_size // _WORD.size)
        paused = _get(fd, 0) if words else 0
        latest = sorted(_get(fd, at) for at in range(_HEAD, words))[-self._slots :]
        os.ftruncate(fd, 0)
        os.ftruncate(fd, size)
        _put(fd, 0, paused)
        for at, sent in enumerate(latest if self._slots else ()):
            _put(fd, _HEAD + at, sent)
        _put(fd, 1, len(latest) if self._slots else 0)


def _window_ns(seconds: int) -> int:
    widened = WIDENED_IF_SPREAD if seconds <= SPREAD_S_MAX else WIDENED
    return int(seconds * widened * _SECOND_NS)


def _get(fd: int, word: int) -> int:
    (value,) = _WORD.unpack(os.pread(fd, _WORD.size, word * _WORD.size))
    return int(value)


def _put(fd: int, word: int, value: int) -> None:
    os.pwrite(fd, _WORD.pack(value), word * _WORD.size)


def _forget(fd: int, slots: int) -> None:
    for at in range(slots):
        _put(fd, _HEAD + at, 0)
