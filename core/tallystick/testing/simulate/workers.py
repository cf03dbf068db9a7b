"""Workers of which one moves at a time; at a seam the next one may be another.

They are threads in lock-step: each waits for its turn, so a schedule plays the same every time
while the code under test stays as it is, plain and blocking.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

NOBODY = "-"


class Draw(Protocol):
    """Who goes on, of those named."""

    def __call__(self, alive: list[str], /) -> str: ...


class Workers:
    """`now` is whose turn it is; outside of `together` it is nobody's."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._turns: dict[str, threading.Semaphore] = {}
        self._all_done = threading.Semaphore(0)
        self._escaped: list[BaseException] = []
        self.now = NOBODY

    def together(self, jobs: Mapping[str, Callable[[], None]]) -> None:
        """Do the jobs, by the name of their worker, each to its end. What one raises is raised
        here once all have ended."""
        if len(jobs) == 1:
            [(name, job)] = jobs.items()
            self._alone(name, job)
            return
        self._turns = {name: threading.Semaphore(0) for name in jobs}
        threads = [
            threading.Thread(target=self._work, args=(name, job), daemon=True)
            for name, job in jobs.items()
        ]
        for thread in threads:
            thread.start()
        self._give_turn()
        self._all_done.acquire()
        for thread in threads:
            thread.join()
        self.now = NOBODY
        if self._escaped:
            raise self._escaped[0]

    def seam(self) -> None:
        """Between two steps of the worker whose turn it is: another one may go on first."""
        if len(self._turns) < 2:
            return
        mine = self.now
        following = self._draw(sorted(self._turns))
        if following != mine:
            self.now = following
            self._turns[following].release()
            self._turns[mine].acquire()

    def _alone(self, name: str, job: Callable[[], None]) -> None:
        self.now = name
        try:
            job()
        finally:
            self.now = NOBODY

    def _work(self, name: str, job: Callable[[], None]) -> None:
        self._turns[name].acquire()
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - raised again where all are waited for
            self._escaped.append(error)
        del self._turns[name]
        if self._turns:
            self._give_turn()
        else:
            self._all_done.release()

    def _give_turn(self) -> None:
        self.now = self._draw(sorted(self._turns))
        self._turns[self.now].release()
