"""Who is told how far long work has come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from tallystick.store.progress import untold


class Progress(Protocol):
    """Shows one long step: a context whose value is called with how many more are done."""

    def step(self, what: str) -> AbstractContextManager[Callable[[int], None]]: ...


class Quiet:
    """Nobody watches."""

    def step(self, what: str) -> AbstractContextManager[Callable[[int], None]]:
        return untold(what)
