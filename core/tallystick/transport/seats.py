"""How many requests to one vendor are under way at once, over threads and processes: so many files,
each locked by the request that sits there. The kernel frees the seat of a process that dies."""

from __future__ import annotations

import fcntl
import os
import random
import threading
import time
from pathlib import Path
from typing import Final

from tallystick.transport.shared import open_shared

_LOOK_AGAIN_S: Final = 0.02


class Seats:
    """`count` seats named after `path`."""

    def __init__(self, path: Path, count: int) -> None:
        self._paths = [path.with_name(f"{path.name}.{number}") for number in range(count)]
        self._ours = threading.BoundedSemaphore(count)

    def take(self) -> int:
        """Sit down, as soon as a seat is free; the seat is given back with `leave`."""
        self._ours.acquire()
        try:
            while True:
                for path in random.sample(self._paths, len(self._paths)):
                    seat = _sit(path)
                    if seat is not None:
                        return seat
                time.sleep(_LOOK_AGAIN_S * (0.5 + random.random()))  # noqa: S311 - spreads, no secret
        except BaseException:
            self._ours.release()
            raise

    def leave(self, seat: int) -> None:
        os.close(seat)
        self._ours.release()


def _sit(path: Path) -> int | None:
    fd = open_shared(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd
